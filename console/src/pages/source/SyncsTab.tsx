import type { Source } from '../../api/queries';
import { SyncList } from '../syncs/SyncList';

export function SyncsTab({ source }: { source: Source }) {
  return <SyncList query={{ source: [source.id] }} />;
}
