import { ZeroAddress } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { renderTable } from "../../src/format.js";
import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import { chainTime, type Session } from "../support/session.js";

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
