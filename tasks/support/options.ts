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
export const YES = { name: "yes", description: "Send on public networks without being asked" } as const;
export const CALLDATA = {
  name: "calldata",
  description: "Print the calls instead of sending them; --account is any address, without its key",
} as const;
export const SAFE = {
  name: "safe",
  description: "Write them as a file for a Safe's Transaction Builder too, and send nothing",
  defaultValue: "",
} as const;
export const STORE = {
  name: "store",
  description: "The proof store that `airdrop build` wrote",
  defaultValue: "",
} as const;
