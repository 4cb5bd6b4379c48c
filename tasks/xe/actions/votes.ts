import { alsoSending, sending, showing } from "../../support/command.js";
import { delegate } from "../flows.js";
import { describeVotes, readVotes } from "../views.js";

const show = showing(readVotes, describeVotes);
const send = sending(delegate);

/** Shows votes, or delegates where it is told to whom. */
export default alsoSending<{ readonly delegate: string }, Awaited<ReturnType<typeof readVotes>>>(
  ({ delegate: to }) => to !== "",
  send,
  show,
);
