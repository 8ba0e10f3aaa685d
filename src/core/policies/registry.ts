/** All policies, in the order in which they are offered. */
import type { PolicyName } from '../run/events.ts';
import { coarseOnly } from './coarse-only.ts';
import { coarseToFine } from './coarse-to-fine.ts';
import type { PolicyDefinition } from './definition.ts';
import { fullResolution } from './full-resolution.ts';
import { onDemand } from './on-demand.ts';
import { search } from './search.ts';

export const POLICIES: Readonly<Record<PolicyName, PolicyDefinition>> = {
  'coarse-to-fine': coarseToFine,
  'full-resolution': fullResolution,
  'coarse-only': coarseOnly,
  'on-demand': onDemand,
  search,
};
