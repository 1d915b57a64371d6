/** Which pictures are chosen, to do something with all of them. */

import { computed, signal } from '../../core/signals.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {ReturnType<typeof selection>} Selection */

export function selection() {
    const chosen = signal(/** @type {ReadonlyMap<string, Tile>} */ (new Map()));
    /** Where the last one was that was chosen by itself: a range begins there. */
    let anchor = 0;

    const change = (/** @type {(map: Map<string, Tile>) => void} */ work) => {
        const next = new Map(chosen.peek());
        work(next);
        chosen.value = next;
    };

    return {
        tiles: computed(() => [...chosen.value.values()]),
        size: computed(() => chosen.value.size),
        has: (/** @type {string} */ id) => chosen.value.has(id),
        /**
         * @param {Tile} tile
         * @param {number} index
         */
        toggle(tile, index) {
            anchor = index;
            change((map) => map.delete(tile.id) || map.set(tile.id, tile));
        },
        /** @param {readonly Tile[]} tiles */
        add: (tiles) =>
            change((map) => {
                for (const tile of tiles) map.set(tile.id, tile);
            }),
        /** @param {readonly string[]} ids */
        drop: (ids) =>
            change((map) => {
                for (const id of ids) map.delete(id);
            }),
        clear() {
            chosen.value = new Map();
        },
        /**
         * Take in what has changed of one that is chosen.
         * @param {string} id
         * @param {Partial<Tile>} what
         */
        patch(id, what) {
            const tile = chosen.peek().get(id);
            if (tile) change((map) => map.set(id, { ...tile, ...what }));
        },
        /**
         * Return the range from the one chosen last to another.
         * @param {number} index
         */
        rangeTo: (index) => /** @type {const} */ ([Math.min(anchor, index), Math.max(anchor, index) + 1]),
    };
}
