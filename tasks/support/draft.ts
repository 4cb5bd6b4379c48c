import type { BaseContract, Interface, ParamType } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { type ArgumentValue, Drafted, type DraftedCall } from "./drafted.js";
import { type Call, explaining } from "./send.js";
import type { Session } from "./session.js";
import { type RecordedCall, Recorder } from "./signers.js";
import { tryTogether } from "./simulate.js";

function argumentValue(type: ParamType, value: unknown): ArgumentValue {
  if (type.isArray()) return [...(value as unknown[])].map((one) => argumentValue(type.arrayChildren, one));
  if (type.isTuple()) {
    const parts = [...(value as unknown[])];
    return Object.fromEntries(
      type.components.map((part, i) => [part.name || String(i), argumentValue(part, parts[i])]),
    );
  }
  return typeof value === "boolean" ? value : String(value);
}

type Decoded = Pick<DraftedCall, "function" | "arguments" | "abi">;

function decode(abi: Interface, data: string): Decoded {
  const parsed = abi.parseTransaction({ data });
  if (!parsed) return { function: undefined, arguments: [], abi: undefined };
  const { fragment, args } = parsed;
  const inputs = fragment.inputs.map(({ type, name }) => (name === "" ? type : `${type} ${name}`));
  return {
    function: `${fragment.name}(${inputs.join(", ")})`,
    arguments: fragment.inputs.map((input, i) => ({
      name: input.name,
      type: input.type,
      value: argumentValue(input, args[i]),
    })),
    abi: fragment.format("full"),
  };
}

function describeCall({ deployment }: Session, contract: BaseContract, { to, value, data }: RecordedCall): DraftedCall {
  const decoded = decode(contract.interface, data);
  const known = [...deployment.addresses].find(([, address]) => address.toLowerCase() === to.toLowerCase());
  const [list] = decoded.arguments;
  const isMulticall = decoded.function?.startsWith("multicall(") === true && list?.type === "bytes[]";
  return {
    to: to as Address,
    contract: known?.[0].split("#")[1] ?? known?.[0],
    value,
    data,
    ...decoded,
    carries: isMulticall
      ? (list.value as readonly string[]).map((inner) => {
          const { function: name, arguments: values } = decode(contract.interface, inner);
          return { function: name, arguments: values };
        })
      : [],
  };
}

/** What the last of calls returned, as the contract's own method would have returned it. */
function returnedBy<R>(call: Call<R>, { data }: RecordedCall, returnData: string): R {
  if (call.decode) return call.decode(returnData);
  const { fragment } = call.contract.interface.parseTransaction({ data }) ?? {};
  if (!fragment) throw new Error("a call has to be one of its contract's");
  const result = call.contract.interface.decodeFunctionResult(fragment, returnData);
  return (result.length === 1 ? result[0] : result) as R;
}

/** Calls that were tried one after the other. */
export interface Foreseen<R> {
  /** What they would be made with. */
  readonly recorded: readonly RecordedCall[];
  /** What the last of them would return; undefined where it could not be tried. */
  readonly probed: { readonly value: R } | undefined;
  /** Gas that all of them take; undefined where they could not be tried together. */
  readonly gas: bigint | undefined;
}

/**
 * Tries a call, after those that it needs if there are any, without effect.
 * @throws ExplainedError with the refusal in words
 */
export async function foresee<R>(session: Session, before: readonly Call[], call: Call<R>): Promise<Foreseen<R>> {
  const recorder = session.signer;
  if (!(recorder instanceof Recorder)) throw new Error("calls are foreseen of a signer that writes them down");
  const speakers = [call, ...(call.beyond ?? []), ...before];
  if (before.length === 0) {
    const value = await explaining(speakers, call.probe);
    const recorded = [await explaining(speakers, () => recorder.record(call.transact))];
    return { recorded, probed: { value }, gas: undefined };
  }
  const recorded: RecordedCall[] = [];
  for (const one of [...before, call]) recorded.push(await recorder.record(one.transact));
  const results = await explaining(speakers, () => tryTogether(session, recorded));
  const [last, made] = [results?.at(-1), recorded.at(-1)];
  if (!results || !last || !made) return { recorded, probed: undefined, gas: undefined };
  return {
    recorded,
    probed: { value: returnedBy(call, made, last.returnData) },
    gas: results.reduce((sum, { gas }) => sum + gas, 0n),
  };
}

/**
 * Writes down a call, and those that it needs before it, in place of sending them.
 * @throws Drafted always
 */
export async function draft<R>(
  session: Session,
  before: readonly Call[],
  call: Call<R>,
  expect: (probed: R) => readonly string[] | Promise<readonly string[]>,
): Promise<never> {
  const { connection, deployment, account } = session;
  const { recorded, probed } = await foresee(session, before, call);
  const contracts = [...before, call].map(({ contract }) => contract);
  throw new Drafted({
    network: connection.networkName,
    chainId: deployment.chainId,
    account,
    expected: [...(probed ? await expect(probed.value) : []), ...(call.notes ?? [])],
    tried: probed !== undefined,
    calls: recorded.map((one, i) => describeCall(session, contracts[i] ?? call.contract, one)),
  });
}
