/** Paths of the routes of version 1. */
import type { RouteInput } from "./route.ts";

export const v1 = "/api/v1";
/** One service. */
export const one = `${v1}/services/{service}`;

export const serviceOf = ({ params }: Pick<RouteInput, "params">): string => params.service ?? "";
