export default function Syncs() { return null; }
