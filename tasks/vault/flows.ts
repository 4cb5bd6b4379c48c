import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { renderTable } from "../../src/format.js";
import { carryOutSpending, readToken } from "../support/allowance.js";
import { formatMoment, tokenAmount, wholeNumber } from "../support/inputs.js";
import { type Outcome, tokens } from "../support/outcome.js";
import { callOf, type Words } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";

/** How the vault reads to who gives something back. */
export const VAULT_WORDS: Words = {
  refusals: {
    EmissionVault_UnknownStream: (a) =>
      `There is no stream ${String(a[0])}: \`hardhat vault status\` shows those there are.`,
    SafeCastOverflowedUintToInt: () => "That is more XMEX than there are: give a lower --amount.",
    SafeCastOverflowedIntDowncast: () => "That is more XMEX than there are: give a lower --amount.",
  },
  events: {
    Returned: (a) => `${String(a[1])} gave stream ${String(a[0])} ${tokens(a[2] as bigint, "XMEX")}.`,
  },
};

/** Gives XMEX to a stream, which may release them again: `hardhat vault return`. */
export async function giveBack(
  session: Session,
  { stream: number, amount: text }: { readonly stream: string; readonly amount: string },
): Promise<Outcome> {
  const stream = wholeNumber("stream", number, "write a stream's number, such as 0; `hardhat vault status` shows them");
  const amount = tokenAmount("amount", text, "XMEX");
  if (amount === 0n) throw new ExplainedError("An amount of zero gives nothing: give a higher --amount.");
  const vault = session.deployment.xme.emissionVault.connect(signerOf(session));
  const token = await readToken(session, await vault.token());
  return carryOutSpending(
    session,
    { token, spender: vault, amount, takesPermits: false },
    () => callOf(vault, VAULT_WORDS, vault.returnTo, stream, amount),
    { token },
    async () => [
      `${tokens(amount, "XMEX")} for stream ${String(stream)}, which can release ${tokens((await vault.available(stream)) + amount, "XMEX")} then. ` +
        "Nobody gives them back.",
    ],
  );
}

/** The emission vault at a moment; amounts in wei of XMEX, times in seconds. */
export interface VaultStatus {
  readonly network: string;
  readonly time: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly allocation: bigint;
  readonly unlocked: bigint;
  readonly held: bigint;
  readonly streams: readonly {
    readonly stream: number;
    readonly shareBps: bigint;
    readonly accrued: bigint;
    /** Drawn less returned. */
    readonly netDrawn: bigint;
    readonly available: bigint;
    readonly drawer: Address | undefined;
  }[];
}

/** Reads the vault: `hardhat vault status`. */
export async function readVault(session: Session): Promise<VaultStatus> {
  const { emissionVault: vault, xmex } = session.deployment.xme;
  const [time, start, duration, allocation, unlocked, held, shares] = await Promise.all([
    chainTime(session),
    vault.start(),
    vault.DURATION(),
    vault.ALLOCATION(),
    vault.unlocked(),
    xmex.balanceOf(await vault.getAddress()),
    vault.shares(),
  ]);
  const streams = await Promise.all(
    shares.map(async (shareBps, stream) => {
      const [accrued, netDrawn, available, drawer] = await Promise.all([
        vault.accrued(stream),
        vault.netDrawn(stream),
        vault.available(stream),
        vault.drawerOf(stream) as Promise<Address>,
      ]);
      return { stream, shareBps, accrued, netDrawn, available, drawer: drawer === ZeroAddress ? undefined : drawer };
    }),
  );
  return {
    network: session.connection.networkName,
    time,
    start,
    end: start + duration,
    allocation,
    unlocked,
    held,
    streams,
  };
}

export function describeVault(vault: VaultStatus): string {
  const percent = (bps: bigint): string => `${(Number(bps) / 100).toString()} %`;
  return [
    `${tokens(vault.unlocked, "XMEX")} of ${tokens(vault.allocation, "XMEX")} are unlocked at ${formatMoment(vault.time)} on network "${vault.network}".`,
    `The line runs from ${formatMoment(vault.start)} to ${formatMoment(vault.end)}; the vault holds ${tokens(vault.held, "XMEX")}.`,
    "",
    renderTable(
      [
        { title: "stream", align: "right" },
        { title: "share", align: "right" },
        { title: "accrued", align: "right" },
        { title: "drawn", align: "right" },
        { title: "available", align: "right" },
        { title: "drawer", align: "left" },
      ],
      vault.streams.map(({ stream, shareBps, accrued, netDrawn, available, drawer }) => [
        String(stream),
        percent(shareBps),
        tokens(accrued, "XMEX"),
        tokens(netDrawn, "XMEX"),
        tokens(available, "XMEX"),
        drawer ?? "nobody yet",
      ]),
    ),
  ].join("\n");
}
