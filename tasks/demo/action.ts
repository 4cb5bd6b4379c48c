import { join } from "node:path";

import type { NewTaskActionFunction } from "hardhat/types/tasks";

import { deploy } from "../../src/deployment/deploy.js";
import { build } from "../support/build.js";
import { accountsOf } from "./accounts.js";
import { airdropOf } from "./airdrop.js";
import { tellPeople } from "./people.js";
import { tellRank } from "./rank.js";
import { Story } from "./story.js";
import { XmeWorld } from "./world.js";
import { tellXe } from "./xe.js";
import { tellXme } from "./xme.js";
import { tellXp } from "./xp.js";

/** The chain in memory has an account for every person of the story. */
const ACCOUNTS = 80;

const tell: NewTaskActionFunction<{ json: boolean }> = async ({ json }, hre) => {
  await build(hre);
  const began = Date.now();
  const story = new Story(json ? () => undefined : console.log);
  const accounts = await accountsOf(hre.config.networks.default, ACCOUNTS);
  const connection = await hre.network.create({ network: "default", override: { accounts } });

  const { deployment, transactions, xme, xp } = await deploy(hre, connection, { economy: "suite" });
  if (xme === undefined || xp === undefined) throw new Error("The suite was deployed without X.me, or without XP.");
  story.chapter(
    "A chain in memory",
    `The whole suite was deployed to it in ${transactions.length} transactions. Every figure below was read from that chain;`,
    "the number after it is the reference model's, and the run fails if the two differ.",
  );

  // Each story begins on the day of the deployment.
  const dayOne = await connection.networkHelpers.takeSnapshot();
  await tellRank(story, deployment.rank.xrank, connection);
  await dayOne.restore();
  const airdrop = await airdropOf(join(hre.config.paths.ignition, "parameters", "airdrop-local.csv"));
  const { swapRouter } = deployment.xp;
  const begin = (): Promise<XmeWorld> => XmeWorld.begin(story, deployment.xme, xme, connection, swapRouter);
  await tellXme(await begin(), airdrop);
  await dayOne.restore();
  await tellPeople(await begin());
  await dayOne.restore();
  await tellXp(story, deployment.xp, xp, connection);
  await dayOne.restore();
  await tellXe(story, deployment.xe, connection);

  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (json) console.log(JSON.stringify(story.toJSON(), undefined, 2));
  else
    console.log(
      `\n${story.figures} figures compared with the models in ${seconds} s, ${story.differences.length} differ.`,
    );
  if (story.differences.length > 0) {
    console.error(`The chain and the models disagree:\n${story.differences.join("\n")}`);
    process.exitCode = 1;
  }
};

export default tell;
