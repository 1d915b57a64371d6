/** Shows rows while they are near the screen: of a line of hundreds, only those that somebody can see cost anything. */

import { ended, signal, untracked } from '../../core/signals.js';

/** So far from the screen, rows are there already. */
const MARGIN = '900px 0px';
/** So many are there before anybody has looked where they are. */
const AT_ONCE = 20;

/**
 * Begin to look what is near the screen.
 * @returns {(row: HTMLElement, at: number, content: () => import('../../core/dom.js').Child) => () => import('../../core/dom.js').Child}
 *     Given a row and its place, returns a child for it.
 */
export function nearScreen() {
    /** @type {WeakMap<Element, import('../../core/signals.js').Signal<boolean>>} */
    const rows = new WeakMap();
    const looking = new IntersectionObserver(
        (seen) => {
            for (const { target, isIntersecting } of seen) {
                const isNear = rows.get(target);
                if (isNear) isNear.value = isIntersecting || target.contains(document.activeElement);
            }
        },
        { rootMargin: MARGIN },
    );
    ended(() => looking.disconnect());
    return (row, at, content) => {
        const isNear = signal(at < AT_ONCE);
        rows.set(row, isNear);
        looking.observe(row);
        ended(() => looking.unobserve(row));
        return () => (isNear.value ? untracked(content) : null);
    };
}
