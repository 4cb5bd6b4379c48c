import { parseEther } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { buy } from "../../tasks/sale/flows.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import type { deployed } from "./tasks.js";

type Local = ReturnType<ReturnType<typeof deployed>>;

/** An account that the next call of the chain can be sent from. */
export async function actor({ connection, deployment }: Local, account: string): Promise<Session> {
  return sessionOf(connection, deployment, account);
}

/** Buys somebody XME in the public sale. */
export async function buyXme(session: Session, amount: string): Promise<void> {
  await buy(session, { amount, to: "" });
}

/** Gives somebody XMEX of the treasury, as only governance could. */
export async function giveXmex({ connection, deployment }: Local, to: Address, amount: string): Promise<void> {
  await asTreasury({ connection, deployment }, async (treasury) => {
    await deployment.xme.xmex.connect(treasury).transfer(to, parseEther(amount));
  });
}

/** Acts as the timelock, as only governance could. */
export async function asTreasury(
  { connection, deployment }: Pick<Local, "connection" | "deployment">,
  action: (treasury: Awaited<ReturnType<Local["connection"]["ethers"]["getSigner"]>>) => Promise<void>,
): Promise<void> {
  const { impersonateAccount, setBalance, stopImpersonatingAccount } = connection.networkHelpers;
  const treasury = await deployment.xme.timelock.getAddress();
  await impersonateAccount(treasury);
  await setBalance(treasury, parseEther("10"));
  await action(await connection.ethers.getSigner(treasury));
  await stopImpersonatingAccount(treasury);
}
