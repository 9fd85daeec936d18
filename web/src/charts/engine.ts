/** The drawing library with the few parts that are used; in a file of its own, so that pages without charts never load it. */
import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, ScatterChart, GridComponent, CanvasRenderer]);

export { init };
