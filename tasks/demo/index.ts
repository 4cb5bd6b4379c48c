import { task } from "hardhat/config";

/** `npm start`: the story of everything that exists, in numbers. */
export const demoTasks = [
  task("demo", "Deploys every economy to a chain in memory and tells its story beside the reference models' numbers")
    .addFlag({ name: "json", description: "Print the story as JSON" })
    .setAction(() => import("./action.js"))
    .build(),
];
