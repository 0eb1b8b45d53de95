import { useAuth } from "@holdfast/react";
import type { ReactNode } from "react";
import { providerTitle, useProviders } from "../app/providers.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { useSubmit } from "../ui/use-submit.ts";

/** One button for each provider that the policy names. */
export function ProviderButtons({ from }: { readonly from: string | undefined }): ReactNode {
  return useProviders().map((name) => <ProviderButton key={name} name={name} from={from} />);
}

function ProviderButton({ name, from }: { readonly name: string; readonly from: string | undefined }): ReactNode {
  const { providerAddress } = useAuth();
  const submit = useSubmit(async () => {
    const back = from === undefined ? "" : `?from=${encodeURIComponent(from)}`;
    location.assign(await providerAddress(name, `/arrived${back}`));
  });
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <button type="submit" disabled={submit.isBusy}>
        Go on with {providerTitle(name)}
      </button>
    </form>
  );
}
