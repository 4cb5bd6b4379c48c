/** Options that every command on a deployment takes. */
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
