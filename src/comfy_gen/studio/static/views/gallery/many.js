/** Does something with each of many, a few at a time. Pure, but for what it is given to do. */

const AT_ONCE = 4;

/**
 * Return what came of each: those for which it worked, and what the others failed of. One that fails stops no other.
 * @template T, R
 * @param {readonly T[]} all
 * @param {(one: T) => Promise<R>} work
 * @param {(done: number) => void} [told] Of how many are done.
 * @returns {Promise<{ done: Array<readonly [T, R]>, failed: Array<readonly [T, unknown]> }>}
 */
export async function withEach(all, work, told = () => {}) {
    /** @type {Array<readonly [T, R]>} */
    const done = [];
    /** @type {Array<readonly [T, unknown]>} */
    const failed = [];
    const left = [...all];
    const take = async () => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) {
            try {
                done.push([one, await work(one)]);
            } catch (error) {
                failed.push([one, error]);
            }
            told(done.length + failed.length);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    return { done, failed };
}

/**
 * Cut a list into parts of a size.
 * @template T
 * @param {readonly T[]} all
 * @param {number} size
 */
export const parts = (all, size) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
