/** Bytes in hexadecimal. */
export type Hex = `0x${string}`;

/** An account or a contract. */
export type Address = `0x${string}`;
