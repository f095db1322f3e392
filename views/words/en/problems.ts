/** What the management API says of wrong fields, in other words than its own; nothing in English. */
export const problems: Readonly<Record<string, string>> = {};
