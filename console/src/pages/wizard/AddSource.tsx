export default function AddSource() { return null; }
