import { Simulator, type SimulatedKey } from "../../src/demo/simulator.ts";
import { Proxy, type Stage, stageOf } from "./harness.ts";

/**
 * As `stage`, for a test that is about the configuration itself and so writes all of it.
 *
 * @param config  made from the simulator's address
 */
export async function front(
  keys: readonly SimulatedKey[],
  config: (url: string) => object | string,
  options: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Stage> {
  const simulator = Simulator.start({ keys });
  const proxy = await Proxy.start(config(simulator.url), options);
  return stageOf(simulator, proxy);
}
