/** The ids of a grid's jobs: they are known before anything is sent, so that what is sent twice is one job. Pure. */

/** Of a job's id, this much is the grid's; what follows counts its cells. */
const PREFIX = 23;

/**
 * Make the id of a grid: the beginning of a version 4 UUID.
 * @param {Uint8Array} bytes Ten that are random.
 */
export function gridIdOf(bytes) {
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const variant = ((Number.parseInt(hex.charAt(15), 16) & 3) | 8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(16, 19)}`;
}

/**
 * Return the id of the job of a cell.
 * @param {string} grid
 * @param {number} index
 */
export const jobIdOf = (grid, index) => `${grid}-${index.toString(16).padStart(12, '0')}`;

/**
 * Return which cell of its grid a job is for.
 * @param {string} job
 * @returns {{ grid: string, index: number }}
 */
export const placeOf = (job) => ({ grid: job.slice(0, PREFIX), index: Number.parseInt(job.slice(PREFIX + 1), 16) });
