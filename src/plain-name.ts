/** What to write where a name does not look like what it is. */
export const plainNameAdvice = 'write letters or digits, and no character that cannot be seen';

/** Whether a name is as it looks: people tell by it what they use, and whom they trust. */
export function isPlainName(name: string): boolean {
  return /[\p{L}\p{N}]/u.test(withoutUnseen(name)) && !/\p{C}/u.test(name);
}

/** A name without the characters that nobody sees: fillers count as letters, and what chooses between forms as marks. */
export function withoutUnseen(name: string): string {
  return name.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}
