import { show } from "../components/app";
import { createNodeRouter } from "./router";

show(createNodeRouter());
