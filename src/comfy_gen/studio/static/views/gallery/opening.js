/** Opens and closes the full view as the address says: reloading shows the same, and going back closes it. */

import { go, place } from '../../core/router.js';
import { effect, ended, signal, untracked } from '../../core/signals.js';
import { report } from '../../parts/toasts.js';
import { wordsOf } from './filters.js';
import { openFull } from './full.js';

/**
 * @param {object} gallery
 * @param {import('./listing.js').Listing} gallery.listing
 * @param {() => import('./filters.js').Filters} gallery.filters
 * @param {import('./actions.js').Actions} gallery.actions
 * @param {(index: number) => void} gallery.onclosed
 */
export function opening({ listing, filters, actions, onclosed }) {
    const id = signal('');
    let close = () => {};
    let isShown = false;
    /** Whether it is being closed because the address says so. */
    let isLeft = false;
    /** Whether what is before this in the browser's history is the gallery itself. */
    let isStepped = false;

    const address = (/** @type {string} */ open) => ({ ...wordsOf(filters()), ...(open && { open }) });
    const leave = () => {
        if (!place.peek().query.get('open')) return;
        if (isStepped) history.back();
        else go('gallery', address(''), { replace: true });
        isStepped = false;
    };
    const show = () => {
        isShown = true;
        const options = {
            listing,
            id: () => id.value,
            onturn: (/** @type {string} */ next) => go('gallery', address(next), { replace: true }),
            actions,
            patch: (/** @type {string} */ of, /** @type {any} */ opinion) => listing.patch(of, opinion),
        };
        openFull(options, (closing) => {
            close = closing;
        })
            .then(() => {
                isShown = false;
                if (place.peek().view !== 'gallery') return;
                if (!isLeft) leave();
                isLeft = false;
                onclosed(listing.placeOf(id.peek()));
            })
            .catch(report);
    };
    effect(() => {
        const { view, query } = place.value;
        const open = view === 'gallery' ? (query.get('open') ?? '') : '';
        untracked(() => {
            if (open) id.value = open;
            if (open && !isShown) show();
            else if (!open && isShown) {
                isLeft = true;
                close();
            }
        });
    });
    ended(() => isShown && close());

    return {
        leave,
        /** @param {number} index */
        open(index) {
            const tile = listing.tileAt(index);
            if (!tile) return;
            isStepped = true;
            go('gallery', address(tile.id));
        },
    };
}
