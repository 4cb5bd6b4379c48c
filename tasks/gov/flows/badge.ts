import type { Address } from "../../../src/deployment/folder.js";
import { renderTable } from "../../../src/format.js";
import { vxme } from "../../stake/words.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import type { Session } from "../../support/session.js";
import { governmentCall, governmentOf, signedGovernment } from "../government.js";
import { printable } from "../../support/text.js";

/** What vXME of an account is worth in badges; minima in wei of vXME. */
export interface BadgeStatus {
  readonly network: string;
  readonly account: Address;
  readonly staked: bigint;
  readonly minted: boolean;
  /** Counted from 1; zero below the lowest. */
  readonly tier: number;
  readonly entitlements: readonly string[];
  readonly tiers: readonly {
    readonly name: string;
    readonly minimum: bigint;
    readonly entitlements: readonly string[];
  }[];
}

/** Reads an account's badge and what badges are worth: `hardhat gov badge status`. */
export async function readBadge(session: Session): Promise<BadgeStatus> {
  const { account, connection } = session;
  const { badge, votes } = governmentOf(session);
  const [staked, owned, tier, entitlements, tiers] = await Promise.all([
    votes.balanceOf(account),
    badge.balanceOf(account),
    badge.tierOf(account),
    badge.entitlementsOf(account),
    badge.tiers(),
  ]);
  return {
    network: connection.networkName,
    account,
    staked,
    minted: owned > 0n,
    tier: Number(tier),
    entitlements: [...entitlements],
    tiers: tiers.map(({ name, minimum, entitlements: named }) => ({ name, minimum, entitlements: [...named] })),
  };
}

/** What an account without a badge can do about it. */
function noneYet({ staked, tier, tiers: [lowest] }: BadgeStatus): string {
  if (tier > 0) return "`hardhat gov badge mint` gives it one";
  return lowest === undefined
    ? "governance has named no tier, so there is none to be had"
    : `it takes ${vxme(lowest.minimum - staked)} more, by \`hardhat stake add\`, then \`hardhat gov badge mint\``;
}

export function describeBadge(b: BadgeStatus): string {
  const tier = b.tiers[b.tier - 1];
  const reached = tier === undefined ? "which reaches no tier" : `which reaches ${printable(tier.name)}`;
  return [
    `${b.account} on network "${b.network}" has ${vxme(b.staked)}, ${reached}`,
    b.minted
      ? `badge    ${tier === undefined ? "inactive, without privileges" : `active: ${b.entitlements.length === 0 ? "no privileges" : b.entitlements.map(printable).join(", ")}`}`
      : `badge    none: ${noneYet(b)}`,
    "",
    renderTable(
      [
        { title: "tier", align: "left" },
        { title: "from", align: "right" },
        { title: "privileges", align: "left" },
      ],
      b.tiers.map(({ name, minimum, entitlements }) => [
        printable(name),
        vxme(minimum),
        entitlements.length === 0 ? "the badge" : entitlements.map(printable).join(", "),
      ]),
    ),
  ].join("\n");
}

/** Mints the account's badge: `hardhat gov badge mint`. */
export async function mintBadge(session: Session): Promise<Outcome> {
  const government = signedGovernment(session);
  const { badge } = government;
  return carryOut(session, governmentCall(government, badge, [], badge.mint), { token: government.vxme }, async () => {
    const { tiers, tier } = await readBadge(session);
    return [
      `The badge of ${session.account}, as ${printable(tiers[tier - 1]?.name ?? "")}. It can never be transferred, and is active while the vXME is held.`,
    ];
  });
}

/** Burns the account's badge: `hardhat gov badge burn`. */
export async function burnBadge(session: Session): Promise<Outcome> {
  const government = signedGovernment(session);
  const { badge } = government;
  return carryOut(session, governmentCall(government, badge, [], badge.burn), { token: government.vxme }, () => [
    `The badge of ${session.account} and its privileges go; it can be minted again.`,
  ]);
}
