/** How the text of a variable becomes a value: as the services read theirs. */

/** The parts of a list, which commas separate. A text that is blank counts as not set; a lone comma is the empty list. */
export function list(text: string | undefined, otherwise: readonly string[]): readonly string[] {
  if (!text?.trim()) return otherwise;
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** A number above zero; what is none counts as not set. */
export function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text?.trim());
  return value > 0 && Number.isFinite(value) ? value : otherwise;
}

/** A share from 0 to 1; what is none counts as not set. */
export function share(text: string | undefined, otherwise: number): number {
  const value = Number(text?.trim() || NaN);
  return value >= 0 && value <= 1 ? value : otherwise;
}
