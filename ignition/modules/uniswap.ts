import {
  type Abi,
  type Artifact,
  buildModule,
  type ContractAtFuture,
  type ContractDeploymentFuture,
  type IgnitionModule,
} from "@nomicfoundation/ignition-core";
import factoryArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json" with { type: "json" };
import managerArtifact from "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json" with { type: "json" };
import routerArtifact from "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json" with { type: "json" };
import { ZeroAddress } from "ethers";

const factory: Artifact = factoryArtifact;
const manager: Artifact = managerArtifact;
const router: Artifact = routerArtifact;

type UniswapContract = ContractDeploymentFuture<Abi> | ContractAtFuture<Abi>;

/** Uniswap V3, wherever it comes from: one for all economies of a deployment. */
export type UniswapModule = IgnitionModule<
  "Uniswap",
  string,
  { uniswapFactory: UniswapContract; positionManager: UniswapContract }
>;

/**
 * Uniswap V3 for local chains, and for testnets that have none, from the bytecode that Uniswap published on npm, with the router that people
 * swap through. No descriptor: it only draws the picture of a position, which is of no use where nothing has a value.
 *
 * Who deploys the factory owns it, which is the right to add fees and to take a share of them. The deployer keeps nothing, this
 * neither, and nobody else needs it on such a chain (choice).
 */
export const deployedUniswap: UniswapModule = buildModule("Uniswap", (m) => {
  const uniswapFactory = m.contract("UniswapV3Factory", factory);
  const wrappedEther = m.contract("GenesisWrappedEther");
  const positionManager = m.contract("NonfungiblePositionManager", manager, [
    uniswapFactory,
    wrappedEther,
    ZeroAddress,
  ]);
  m.contract("SwapRouter", router, [uniswapFactory, wrappedEther]);
  m.call(uniswapFactory, "setOwner", [ZeroAddress]);
  return { uniswapFactory, positionManager };
});

/** The Uniswap V3 that a public chain already has. */
export const existingUniswap: UniswapModule = buildModule("Uniswap", (m) => ({
  uniswapFactory: m.contractAt("UniswapV3Factory", factory, m.getParameter<string>("factory")),
  positionManager: m.contractAt("NonfungiblePositionManager", manager, m.getParameter<string>("positionManager")),
}));
