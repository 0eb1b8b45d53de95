import { Button } from "react-aria-components";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** The next page of a list that comes in pages, while there is one. */
export function ShowMore({ pages, label = "Show more" }: { readonly pages: Pages; readonly label?: string }) {
  if (!pages.hasNextPage) return null;
  return (
    <Button className="plain" onPress={() => void pages.fetchNextPage()} isDisabled={pages.isFetchingNextPage}>
      {label}
    </Button>
  );
}
