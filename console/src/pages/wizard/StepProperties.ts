import type { Draft } from './draft';

export interface StepProperties {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}
