/** How an account is called: by its address, or by its id where it has none. */
export const nameOf = ({ email, id }: { readonly email: string; readonly id: string }): string =>
  email === "" ? id : email;
