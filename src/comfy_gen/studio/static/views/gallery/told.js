/** What is told of one picture beside it: how it was made, what somebody thinks of it, and what to do with it. */

import { pictureOf } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { may } from '../../core/session.js';
import { signal } from '../../core/signals.js';
import { button, linkButton } from '../../parts/buttons.js';
import { section } from '../../parts/fields.js';
import { stars } from '../../parts/pictures.js';
import { report, say } from '../../parts/toasts.js';
import { copy } from './copying.js';
import { loadFacets } from './facets.js';
import { courseOf, settingsOf } from './facts.js';
import { nameOf } from './naming.js';
import { like, rate, tag } from './opinions.js';
import { tagsField } from './tagging.js';

/** @typedef {Wire<'Generation'>} Generation */
/** @typedef {Wire<'Output'>} Output */
/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {import('./opinions.js').Opinion} Opinion */

/**
 * @typedef {object} ToldOptions
 * @property {Generation} generation
 * @property {() => Tile | undefined} tile As the grid has it, where it has it.
 * @property {() => Output | undefined} file
 * @property {import('./actions.js').Actions} actions
 * @property {(id: string, opinion: Opinion) => void} patch
 */

/** @param {ToldOptions} options */
export function told({ generation, tile, file, actions, patch }) {
    const { prompt, negative_prompt: negative, seed } = generation;
    return h(
        'div',
        { class: 'stack gallery-told' },
        h('h3', { class: 'gallery-name' }, nameOf(generation)),
        opinion(generation, tile, patch),
        onwards(generation),
        text('Prompt', prompt),
        negative ? text('Negative prompt', negative) : null,
        h('h4', null, 'Settings'),
        () => facts(settingsOf(generation, file())),
        seed === null ? null : copier('Copy the seed', String(seed), 'The seed', 'seed'),
        section('How it went', () => facts(courseOf(generation, file()))),
        generation.notes.length
            ? section(
                  'Notes',
                  generation.notes.map((note) => h('p', null, note)),
              )
            : null,
        () => fileTools(generation, file(), tile, actions),
    );
}

/** @param {Generation} generation */
function onwards({ generation_id: id, output }) {
    const way = (/** @type {string} */ as) => linkTo('create', { from: id, as });
    const hasPicture = output.some((one) => one.media_type.startsWith('image/'));
    return h(
        'div',
        { class: 'gallery-ways' },
        linkButton({ label: 'Vary', icon: 'seed', kind: 'main', href: way('vary') }),
        linkButton({ label: 'Same settings', icon: 'settings', href: way('settings') }),
        hasPicture ? linkButton({ label: 'Use as input', icon: 'image', href: way('input') }) : null,
    );
}

/**
 * @param {Generation} generation
 * @param {() => Tile | undefined} tile
 * @param {(id: string, opinion: Opinion) => void} patch
 */
function opinion({ generation_id: id, favorite }, tile, patch) {
    /** @type {Opinion} */
    const found = favorite
        ? { favorite_id: favorite.id, rating: favorite.rating, tags: favorite.tags }
        : { favorite_id: null, rating: null, tags: [] };
    const now = signal(opinionOf(tile()) ?? found);
    const set = async (/** @type {Promise<Opinion>} */ work) => {
        const next = await work;
        now.value = next;
        patch(id, next);
        loadFacets().catch(report);
    };
    const judged = () => ({ id, ...now.peek() });
    const unlike = async () => {
        const before = now.peek();
        await set(like(judged(), false));
        say('It is no favourite any more.', {
            action: { label: 'Undo', do: () => set(restored(judged(), before)).catch(report) },
        });
    };
    const give = (/** @type {number} */ rating) => (rating ? set(rate(judged(), rating)) : unlike());
    return h(
        'fieldset',
        { class: 'stack tight gallery-opinion', disabled: !may('generate') },
        h('legend', { class: 'unseen' }, 'What you think of it'),
        h(
            'div',
            { class: 'row' },
            button({
                label: 'Favourite',
                icon: 'heart',
                pressed: () => !!now.value.favorite_id,
                onclick: () => (now.peek().favorite_id ? unlike() : set(like(judged(), true))),
            }),
            stars(
                () => now.value.rating ?? 0,
                (rating) => give(rating).catch(report),
            ),
        ),
        tagsField(
            () => now.value.tags,
            (tags) => set(tag(judged(), tags)),
        ),
    );
}

/**
 * Make it the favourite again that it was.
 * @param {import('./opinions.js').Judged} one
 * @param {Opinion} before
 */
async function restored(one, { rating, tags }) {
    const made = await rate(one, rating ?? 5);
    return tags.length ? tag({ ...one, ...made }, tags) : made;
}

/**
 * @param {Tile | undefined} tile
 * @returns {Opinion | undefined}
 */
const opinionOf = (tile) => tile && { favorite_id: tile.favorite_id, rating: tile.rating, tags: tile.tags };

/**
 * @param {string} title
 * @param {string} said
 */
const text = (title, said) =>
    h(
        'div',
        { class: 'stack tight' },
        h(
            'div',
            { class: 'row tight gallery-heading' },
            h('h4', null, title),
            copier(`Copy the ${title.toLowerCase()}`, said, `The ${title.toLowerCase()}`),
        ),
        h('p', { class: 'gallery-prompt' }, said || h('span', { class: 'dim' }, 'None')),
    );

/**
 * @param {string} label
 * @param {string} said
 * @param {string} what
 * @param {import('../../parts/icons.js').IconName} [drawn] With the label beside it, where it is not the usual one.
 */
const copier = (label, said, what, drawn) =>
    button({ label, icon: drawn ?? 'copy', kind: 'quiet', isBare: !drawn, onclick: () => copy(said, what) });

/** @param {ReadonlyArray<import('./facts.js').Fact>} said */
const facts = (said) =>
    h(
        'dl',
        { class: 'gallery-facts' },
        said.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))),
    );

/**
 * @param {Generation} generation
 * @param {Output | undefined} file
 * @param {() => Tile | undefined} tile
 * @param {import('./actions.js').Actions} actions
 */
function fileTools(generation, file, tile, actions) {
    const { generation_id: id, title, prompt, workflow } = generation;
    const stand = /** @type {Tile} */ (
        /** @type {unknown} */ ({ id, title, prompt, workflow, tags: [], favorite_id: generation.favorite?.id ?? null })
    );
    return h(
        'div',
        { class: 'row' },
        file
            ? [
                  linkButton({
                      label: 'Download',
                      icon: 'download',
                      href: pictureOf(file.id),
                      download: file.filename.split('/').pop() ?? true,
                      more: { title: 'The file as it was made, with its settings in it' },
                  }),
                  linkButton({
                      label: 'Open in a new tab',
                      icon: 'leave',
                      href: pictureOf(file.id),
                      more: { target: '_blank', rel: 'noopener' },
                  }),
              ]
            : null,
        button({
            label: 'Delete',
            icon: 'trash',
            kind: 'danger',
            disabled: () => !may('generate'),
            onclick: () => actions.remove([tile() ?? stand]),
        }),
    );
}
