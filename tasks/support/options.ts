/** Options that several commands take. */
export const ACCOUNT = {
  name: "account",
  description: "Index among the network's accounts, or an address",
  defaultValue: "",
} as const;
export const DEPLOYMENT = {
  name: "deployment",
  description: "Folder under deployments/ (the network's name)",
  defaultValue: "",
} as const;
export const JSON_FLAG = { name: "json", description: "Print one JSON document" } as const;
export const STORE = {
  name: "store",
  description: "The proof store that `airdrop build` wrote",
  defaultValue: "",
} as const;
