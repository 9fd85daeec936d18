import { show } from "../components/app";
import { createConsoleRouter } from "./router";

show(createConsoleRouter());
