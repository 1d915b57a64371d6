/** Does something for each of a list, a few at a time. Knows nothing of what. */

/**
 * Settles when it was done for all; what it throws for one ends it for those that have not begun.
 * @template T
 * @param {readonly T[]} list
 * @param {number} atOnce
 * @param {(one: T) => Promise<unknown>} work
 */
export async function few(list, atOnce, work) {
    const left = [...list];
    const worker = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
            try {
                await work(next);
            } catch (error) {
                left.length = 0;
                throw error;
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker));
}
