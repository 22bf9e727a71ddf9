export default function Changes() { return null; }
