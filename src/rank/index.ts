export * from "./fixed-point.js";
export * from "./formulas.js";
export * from "./model.js";
