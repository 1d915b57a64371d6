/** Finds categories by what somebody types. Pure. */

export const TYPES = ['subject', 'setting', 'modifier', 'style'];

/**
 * Return the categories of a type that have all words, in their names first, then in what they are known by.
 * @template {{ id: string, type: string, display_name: string, description: string, keywords: string[] }} T
 * @param {readonly T[]} all
 * @param {string} text
 * @param {string} type Empty for any.
 * @returns {T[]}
 */
export function fitting(all, text, type) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    /** @param {T} one */
    const isNamed = (one) => words.every((word) => `${one.id} ${one.display_name}`.toLowerCase().includes(word));
    /** @param {T} one */
    const isKnown = (one) => {
        const said = [one.id, one.display_name, one.description, ...one.keywords].join(' ').toLowerCase();
        return words.every((word) => said.includes(word));
    };
    const found = all.filter((one) => (!type || one.type === type) && isKnown(one));
    return [...found.filter(isNamed), ...found.filter((one) => !isNamed(one))];
}
