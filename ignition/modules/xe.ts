import { type ArgumentType, buildModule } from "@nomicfoundation/ignition-core";
import { id } from "ethers";

import { XE_ROLE } from "../../src/xe/roles.js";

/** What the arbiter may call, by signature. */
const RULE = "rule(bytes32,bool)";
/** OpenZeppelin's first administrator of an AccessControl. */
const NO_ROLE = `0x${"00".repeat(32)}`;

/**
 * XE's ledger with its two faces, and the governance by XUSD that it answers to.
 *
 * The governor counts the ledger's votes, the ledger answers to the AccessManager, and the timelock obeys the governor, so timelock and
 * AccessManager are born with the deployer as administrator. The AccessManager's roles change hands in one transaction; the timelock's are
 * the governor's alone, executing included, and nobody can cancel.
 */
export default buildModule("Xe", (m) => {
  const deployer = m.getAccount(0);

  // X.me has a timelock and an access manager too: each is called by its economy.
  const accessManager = m.contract("AccessManager", [deployer], { id: "XeAccessManager" });
  const timelock = m.contract("TimelockController", [m.getParameter<bigint>("timelockDelay"), [], [], deployer], {
    id: "XeTimelock",
  });
  const ledger = m.contract("DualAssetLedger", [
    accessManager,
    m.getParameter<boolean>("faucet"),
    m.getParameter<string>("initialRecipient"),
    m.getParameter<bigint>("initialAmount"),
  ]);
  const xe = m.contractAt("AssetFace", m.staticCall(ledger, "xe"), { id: "XE" });
  const xusd = m.contractAt("AssetFace", m.staticCall(ledger, "xusd"), { id: "XUSD" });
  const governor = m.contract("XeGovernor", [
    ledger,
    timelock,
    m.getParameter<bigint>("minQuorum"),
    m.getParameter<bigint>("proposalThreshold"),
  ]);

  const manage = (name: string, args: ArgumentType[], step: string) =>
    m.encodeFunctionCall(accessManager, name, args, { id: step });
  m.call(accessManager, "multicall", [
    [
      manage("labelRole", [XE_ROLE.arbiter, "arbiter"], "label_arbiter"),
      manage("setTargetFunctionRole", [ledger, [id(RULE).slice(0, 10)], XE_ROLE.arbiter], "map_arbiter"),
      manage("grantRole", [XE_ROLE.arbiter, m.getParameter<string>("arbiter"), 0n], "grant_arbiter"),
      manage("grantRole", [0n, timelock, 0n], "grant_admin"),
      manage("renounceRole", [0n, deployer], "renounce_admin"),
    ],
  ]);
  const granted = ["PROPOSER_ROLE", "EXECUTOR_ROLE"].map((role) =>
    m.call(timelock, "grantRole", [id(role), governor], { id: `grant_${role.toLowerCase()}` }),
  );
  m.call(timelock, "renounceRole", [NO_ROLE, deployer], { id: "renounce_role", after: granted });

  return { timelock, accessManager, ledger, xe, xusd, governor };
});
