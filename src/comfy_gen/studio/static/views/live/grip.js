/** Holds a row of a list with a pointer: it follows, the others make room, and the page scrolls at its edges. */

import { targetOf } from './line.js';

const EDGE = 90;
const FASTEST = 18;

/**
 * @typedef {object} Grip
 * @property {() => readonly string[]} begin The list is to stay as it is from now on; returns its order.
 * @property {(order: readonly string[], id: string, at: number) => void} end Where it is to stand; where it was, if it was put back.
 */

/**
 * Make what a handle's `pointerdown` is given to. The rows are the children of the list that the handle is in.
 * @param {Grip} grip
 * @returns {(id: string, event: PointerEvent) => void}
 */
export function grip({ begin, end }) {
    return (id, event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        const handle = /** @type {HTMLElement} */ (event.currentTarget);
        handle.focus({ preventScroll: true });
        const order = begin();
        const list = /** @type {HTMLElement} */ (handle.closest('ol'));
        const rows = /** @type {HTMLElement[]} */ ([...list.children]);
        const from = order.indexOf(id);
        const held = follow(rows, from, event.clientY);
        const over = new AbortController();
        const finish = (/** @type {boolean} */ isPutBack) => {
            over.abort();
            held.release();
            end(order, id, isPutBack ? from : held.at());
        };
        const own = { signal: over.signal };
        handle.setPointerCapture(event.pointerId);
        handle.addEventListener('pointermove', (moving) => held.to(moving.clientY), own);
        handle.addEventListener('pointerup', () => finish(false), own);
        handle.addEventListener('pointercancel', () => finish(true), own);
        document.addEventListener('keydown', (pressed) => pressed.key === 'Escape' && finish(true), own);
        scrollAtEdges(held, over.signal);
    };
}

/**
 * @param {HTMLElement[]} rows
 * @param {number} from
 * @param {number} start
 */
function follow(rows, from, start) {
    const begun = start + scrollY;
    const places = rows.map((row) => ({ top: row.offsetTop, height: row.offsetHeight }));
    const room = (places[from + 1]?.top ?? 0) - (places[from]?.top ?? 0) || (places[from]?.height ?? 0);
    /** @type {number[]} */
    const shifts = rows.map(() => 0);
    let [y, at] = [start, from];
    const shift = (/** @type {number} */ row, /** @type {number} */ by) => {
        if (shifts[row] === by) return;
        shifts[row] = by;
        rows[row]?.style.setProperty('translate', by ? `0 ${by}px` : 'none');
    };
    const list = rows[from]?.parentElement;
    list?.classList.add('sorting');
    rows[from]?.classList.add('dragged');
    const show = () => {
        const by = y + scrollY - begun;
        at = targetOf(places, from, by);
        rows.forEach((_, row) => {
            const isPassed = row > from ? row <= at : row >= at;
            if (row !== from) shift(row, isPassed ? (row > from ? -room : room) : 0);
        });
        shift(from, by);
    };
    return {
        at: () => at,
        y: () => y,
        show,
        to(/** @type {number} */ where) {
            y = where;
            show();
        },
        release() {
            for (const row of rows) row.style.removeProperty('translate');
            rows[from]?.classList.remove('dragged');
            list?.classList.remove('sorting'); // with it goes what would have the rows glide back
        },
    };
}

/**
 * @param {ReturnType<typeof follow>} held
 * @param {AbortSignal} over
 */
function scrollAtEdges(held, over) {
    const turn = () => {
        if (over.aborted) return;
        const by = speedAt(held.y(), innerHeight);
        if (by) {
            scrollBy({ top: by, behavior: 'instant' });
            held.show();
        }
        requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
}

/**
 * @param {number} y
 * @param {number} height
 */
function speedAt(y, height) {
    const beyond = y < EDGE ? y - EDGE : Math.max(0, y - (height - EDGE));
    return Math.max(-1, Math.min(1, beyond / EDGE)) * FASTEST;
}
