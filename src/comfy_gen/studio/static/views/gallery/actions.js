/** What can be done with several pictures at once. Each says what it did, and what it could not. */

import { addressOf, Problem, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { amount } from '../../core/words.js';
import { linkButton } from '../../parts/buttons.js';
import { confirm, openDialog } from '../../parts/dialogs.js';
import { stars } from '../../parts/pictures.js';
import { report, say } from '../../parts/toasts.js';
import { loadFacets } from './facets.js';
import { parts, withEach } from './many.js';
import { addTag, like, rate } from './opinions.js';
import { askForTag } from './tagging.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {import('./opinions.js').Opinion} Opinion */
/** @typedef {ReturnType<typeof actions>} Actions */

/** So many may be in one archive. */
const ARCHIVED = 200;

/**
 * @param {object} gallery
 * @param {(id: string, opinion: Opinion) => void} gallery.patch
 * @param {(ids: string[]) => void} gallery.gone
 */
export function actions({ patch, gone }) {
    /**
     * @param {readonly Tile[]} tiles
     * @param {(tile: Tile) => Promise<Opinion>} work
     * @param {(number: string) => string} saying
     */
    const judge = async (tiles, work, saying) => {
        const { done, failed } = await withEach(tiles, work);
        for (const [tile, opinion] of done) patch(tile.id, opinion);
        if (done.length) say(saying(pictures(done.length)));
        complain(failed);
        loadFacets().catch(report);
    };
    return {
        /** @param {readonly Tile[]} tiles */
        async like(tiles) {
            const isOn = tiles.some((tile) => !tile.favorite_id);
            if (!isOn && !(await confirm(`Take ${pictures(tiles.length)} from the favourites?`, UNLIKING))) return;
            const left = tiles.filter((tile) => !tile.favorite_id === isOn);
            const saying = (/** @type {string} */ number) =>
                isOn ? `${number} added to the favourites.` : `${number} taken from the favourites.`;
            await judge(left, (tile) => like(tile, isOn), saying);
        },
        /** @param {readonly Tile[]} tiles */
        async rate(tiles) {
            const rating = await askForRating(tiles.length);
            if (rating)
                await judge(
                    tiles,
                    (tile) => rate(tile, rating),
                    (number) => `${number} rated.`,
                );
        },
        /** @param {readonly Tile[]} tiles */
        async tag(tiles) {
            const word = await askForTag(`Tag ${pictures(tiles.length)}`);
            if (word)
                await judge(
                    tiles,
                    (tile) => addTag(tile, word),
                    (number) => `${number} tagged “${word}”.`,
                );
        },
        /** @param {readonly Tile[]} tiles */
        download: (tiles) => download(tiles),
        /** @param {readonly Tile[]} tiles */
        async remove(tiles) {
            const ids = await removeAsked(tiles);
            if (!ids.length) return;
            gone(ids);
            loadFacets().catch(report);
        },
    };
}

const UNLIKING = { text: 'Their stars and tags are forgotten.', yes: 'Take them away' };

/**
 * Delete those that are no favourites, if somebody says so; return which are gone.
 * @param {readonly Tile[]} tiles
 */
async function removeAsked(tiles) {
    const free = tiles.filter((tile) => !tile.favorite_id);
    const kept = tiles.length - free.length;
    if (!free.length) {
        say(tiles.length === 1 ? 'It is a favourite, and is kept.' : 'All of them are favourites, and are kept.', {
            hint: 'What is to be deleted must be no favourite.',
        });
        return [];
    }
    const text = [
        'Their files and all that is known of them are deleted. That cannot be undone.',
        kept ? `${amount(kept, 'favourite')} ${kept === 1 ? 'is' : 'are'} kept.` : '',
    ];
    const isSure = await confirm(`Delete ${pictures(free.length)}?`, {
        text: text.join(' ').trim(),
        yes: `Delete ${pictures(free.length)}`,
    });
    if (!isSure) return [];
    const { done, failed } = await withEach(free, (tile) => remove(`/jobs/${encodeURIComponent(tile.id)}`));
    // Another who deleted it first did what was asked.
    const missing = failed.filter(([, error]) => error instanceof Problem && error.status === 404);
    const gone = [...done, ...missing].map(([tile]) => tile.id);
    if (gone.length) say(`${pictures(gone.length)} deleted.${kept ? ` ${amount(kept, 'favourite')} kept.` : ''}`);
    complain(failed.filter((one) => !missing.includes(one)));
    return gone;
}

/**
 * Fetch them as an archive, or as several where they are too many for one.
 * @param {readonly Tile[]} tiles
 */
function download(tiles) {
    const archives = parts(tiles, ARCHIVED).map((some) =>
        addressOf('/library/archive', { id: some.map(({ id }) => id) }),
    );
    if (archives.length === 1) {
        const link = h('a', { href: archives[0], download: true });
        document.body.append(link);
        link.click();
        link.remove();
        return undefined;
    }
    return openDialog(`Download ${pictures(tiles.length)}`, () => [
        h('p', null, `An archive has ${ARCHIVED} at most, so these come in ${archives.length}.`),
        h(
            'div',
            { class: 'row' },
            archives.map((href, at) =>
                linkButton({ label: `Part ${at + 1} of ${archives.length}`, href, icon: 'download', download: true }),
            ),
        ),
    ]);
}

/**
 * @param {number} number
 * @returns {Promise<number | undefined>}
 */
function askForRating(number) {
    return openDialog(`Rate ${pictures(number)}`, (/** @type {(rating?: number) => void} */ close) => [
        h('p', { class: 'dim' }, 'What has stars is a favourite.'),
        stars(
            () => 0,
            (rating) => close(rating),
        ),
    ]);
}

/**
 * Say what did not work, the same once.
 * @param {ReadonlyArray<readonly [Tile, unknown]>} failed
 */
function complain(failed) {
    const [first] = failed;
    if (!first) return;
    report(first[1]);
    if (failed.length > 1) say(`${pictures(failed.length)} stayed as they were.`, { kind: 'problem' });
}

/** @param {number} number */
const pictures = (number) => amount(number, 'picture');
