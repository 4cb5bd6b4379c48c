import type { AccountNames } from "./authority.js";
import type { Address } from "./folder.js";
import type { XmeParameters } from "./parameters.js";
import type { XeParameters } from "./xe-parameters.js";
import type { XpParameters } from "./xp-parameters.js";

/** Names for the accounts that the parameters name; where two are one account, the first says more of what it may do. */
export function accountNames(
  {
    xme,
    xp,
    xe,
  }: {
    readonly xme?: XmeParameters | undefined;
    readonly xp?: XpParameters | undefined;
    readonly xe?: XeParameters | undefined;
  } = {},
  deployer: Address | undefined,
): AccountNames {
  const names: (readonly [Address, string])[] = [
    ...(deployer === undefined ? [] : [[deployer, "deployer"] as const]),
    ...(xme
      ? ([
          [xme.beneficiaries.team, "team"],
          [xme.beneficiaries.privateSale, "private buyers"],
          [xme.governance.guardian, "guardian"],
          [xme.governance.settler, "settler"],
          [xme.community.publisher, "publisher"],
          [xme.community.striker, "striker"],
          [xme.community.catalogue, "catalogue's keeper"],
        ] as const)
      : []),
    ...(xp && xp.governance !== "timelock"
      ? ([
          [xp.governance.admin, "XP's administrator"],
          [xp.governance.treasury, "XP's treasury"],
        ] as const)
      : []),
    ...(xp ? [[xp.arbiter, "arbiter"] as const] : []),
    ...(xe ? [[xe.arbiter, "XE's arbiter"] as const] : []),
  ];
  return new Map(names.reverse());
}
