// What the classic scripts among the assets put into the page's global scope.
import type * as EChartsModule from "echarts";
import type HtmxModule from "htmx.org";

declare global {
  const echarts: typeof EChartsModule;
  const htmx: typeof HtmxModule;
}
