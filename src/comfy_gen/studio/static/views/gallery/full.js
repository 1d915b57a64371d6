/** One picture over the whole screen, with all that is known of it and all that can be done with it. */

import { get } from '../../core/api.js';
import { computed, effect, signal, untracked } from '../../core/signals.js';
import { count } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { loaded, loading } from '../../parts/states.js';
import { viewer } from '../../parts/viewer.js';
import { nameOf } from './naming.js';
import { told } from './told.js';

/** @typedef {Wire<'Generation'>} Generation */
/** @typedef {Wire<'Output'>} Output */
/** @typedef {Wire<'Tile'>} Tile */

/**
 * @typedef {object} FullOptions
 * @property {import('./listing.js').Listing} listing
 * @property {() => string} id Of the generation; may change while it is shown.
 * @property {(id: string) => void} onturn
 * @property {import('./actions.js').Actions} actions
 * @property {(id: string, opinion: import('./opinions.js').Opinion) => void} patch
 */

/**
 * Show it; settles when it is closed.
 * @param {FullOptions} options
 * @param {(close: () => void) => void} begun Given what closes it.
 */
export function openFull(options, begun) {
    return openDialog(
        'Picture',
        (close) => {
            begun(() => close());
            return content(options);
        },
        { kind: 'whole' },
    );
}

/** @param {FullOptions} options */
function content({ listing, id, onturn, actions, patch }) {
    const generation = loaded(async (until) => {
        const asked = id();
        const found = /** @type {Generation} */ (await get(`/library/${encodeURIComponent(asked)}`, {}, until));
        return { asked, found };
    });
    const known = () => (generation.data.value?.asked === id() ? generation.data.value.found : undefined);
    const index = computed(() => {
        void listing.version.value;
        return listing.placeOf(id());
    });
    const tile = () => (index.value < 0 ? undefined : listing.tileAt(index.value));
    const at = signal(0);
    effect(() => {
        void id();
        at.value = 0;
    });
    const files = () => known()?.output ?? [];
    const file = () => files()[at.value];
    const to = (/** @type {number} */ by) => index.value + by;
    const canTurn = (/** @type {number} */ by) =>
        index.value >= 0 && to(by) >= 0 && to(by) < (listing.total.value ?? 0);

    return viewer({
        picture: () => shownOf(tile(), known(), file()),
        canTurn,
        turn: async (by) => {
            const place = to(by);
            const [next] = await listing.range(place, place + 1);
            if (next) onturn(next.id);
        },
        place: () => (index.value < 0 ? '' : `${count(index.value + 1)} of ${count(listing.total.value ?? 0)}`),
        tools: () => (files().length > 1 ? fileTools(at, files().length) : null),
        beside: () => {
            if (generation.error.value) return generation.show(() => null)();
            const found = known();
            return found ? untracked(() => told({ generation: found, tile, file, actions, patch })) : loading();
        },
    });
}

/**
 * Return what is looked at: as soon as the grid knows it, and not anew when the rest is known.
 * @param {Tile | undefined} tile
 * @param {Generation | undefined} generation
 * @param {Output | undefined} file
 */
function shownOf(tile, generation, file) {
    const one = generation ?? tile;
    const id = file?.id ?? tile?.artifact_id;
    if (!one || !id) return null;
    return {
        id,
        text: nameOf(one),
        media_type: file?.media_type ?? tile?.media_type ?? null,
        has_thumbnail: id === tile?.artifact_id && tile.has_thumbnail,
    };
}

/**
 * The way through the files of one generation.
 * @param {import('../../core/signals.js').Signal<number>} at
 * @param {number} files
 */
function fileTools(at, files) {
    const way = (/** @type {number} */ by) =>
        button({
            label: by < 0 ? 'Previous file' : 'Next file',
            icon: by < 0 ? 'up' : 'down',
            kind: 'quiet',
            isBare: true,
            disabled: () => at.value + by < 0 || at.value + by >= files,
            onclick: () => {
                at.value = at.peek() + by;
            },
        });
    return [way(-1), () => `File ${at.value + 1} of ${files}`, way(1)];
}
