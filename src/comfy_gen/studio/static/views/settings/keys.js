/** The keys of the service: made, shown once, and revoked. For administrators. */

import { get, post, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { enter, session } from '../../core/session.js';
import { signal } from '../../core/signals.js';
import { ago, now } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { confirm, openDialog } from '../../parts/dialogs.js';
import { numberField, selectField, textField, toggle } from '../../parts/fields.js';
import { form } from '../../parts/forms.js';
import { empty, loaded } from '../../parts/states.js';
import { table, unseen } from '../../parts/tables.js';
import { say } from '../../parts/toasts.js';

/** @typedef {Wire<'KeyInfo'>} Key */

export function keys() {
    const found = loaded((until) => get('/keys', {}, until));
    const make = async () => {
        if (await makeKey()) found.again();
    };
    const maker = () => button({ label: 'Make a key', icon: 'key', kind: 'main', onclick: make });
    return h(
        'div',
        { class: 'stack settings-part' },
        found.show(
            (/** @type {Wire<'Keys'>} */ { keys: all }) =>
                all.length ? [h('div', null, maker()), listed(all, found.again)] : nothing(maker()),
            'the keys',
        ),
    );
}

/** @param {Node} maker */
function nothing(maker) {
    return empty({
        icon: 'key',
        title: 'No keys yet',
        text: 'As long as there is none, this machine alone is answered. From the first one on, everybody needs one.',
        actions: [maker],
    });
}

/**
 * @param {Key[]} all
 * @param {() => void} again
 */
function listed(all, again) {
    return h(
        'div',
        { class: 'settings-table', tabindex: '0', role: 'region', 'aria-label': 'Keys' },
        table(
            ['Name', 'Whose jobs', 'May', 'Tier', 'Rate', 'Made', unseen('Revoke')],
            all.map((one) => row(one, again)),
        ),
    );
}

/**
 * @param {Key} one
 * @param {() => void} again
 */
function row(one, again) {
    const strike = async () => {
        const text = 'Programs that use it are refused from now on. Its jobs and pictures stay.';
        if (!(await confirm(`Revoke the key ${one.name}?`, { text, yes: 'Revoke' }))) return;
        await remove(`/keys/${encodeURIComponent(one.id)}`);
        say(`The key ${one.name} is revoked`);
        again();
    };
    return h(
        'tr',
        null,
        h('th', { scope: 'row' }, one.name),
        h('td', null, one.owner),
        h('td', null, one.scopes.join(', ')),
        h('td', null, one.tier),
        h('td', null, one.rate || 'as set'),
        h('td', null, ago(one.created, now())),
        h(
            'td',
            null,
            one.revoked === null
                ? button({
                      label: 'Revoke',
                      kind: 'danger',
                      onclick: strike,
                      more: { 'aria-label': `Revoke ${one.name}` },
                  })
                : h('span', { class: 'pill bad' }, 'revoked'),
        ),
    );
}

/** Ask what a key is to open, make it and show it; the first one also lets whoever makes it in again. */
async function makeKey() {
    const isFirst = session.peek()?.with === 'place';
    const made = await openDialog(
        isFirst ? 'Make the first key' : 'Make a key',
        (/** @type {(made?: Wire<'NewKey'>) => void} */ close) => asking(isFirst, close),
    );
    if (!made) return false;
    if (isFirst) await enter(made.key); // without this the door would shut on whoever opened it
    await openDialog(`The key ${made.name}`, (/** @type {() => void} */ close) => shown(made, close));
    return true;
}

/**
 * @param {boolean} isFirst
 * @param {(made?: Wire<'NewKey'>) => void} close
 */
function asking(isFirst, close) {
    const [name, owner, rate] = [signal(''), signal(''), signal('')];
    const tier = signal('general');
    const waiting = signal(/** @type {number | null} */ (null));
    const [mayGenerate, mayAdmin] = [signal(true), signal(isFirst)];
    const scopes = () => [
        'read',
        ...(mayGenerate.peek() || mayAdmin.peek() ? ['generate'] : []),
        ...(mayAdmin.peek() ? ['admin'] : []),
    ];
    const send = () =>
        post('/keys', {
            name: name.peek().trim(),
            owner: owner.peek().trim(),
            rate: rate.peek().trim(),
            scopes: scopes(),
            tier: tier.peek(),
            max_waiting: waiting.peek(),
        });
    return form(
        [
            isFirst
                ? h(
                      'p',
                      { class: 'pill warn settings-note' },
                      'From now on everybody needs a key, you too: this first one is yours, and you are let in with it.',
                  )
                : null,
            textField('Name', name, { more: { required: true, maxlength: 64, autofocus: true, autocomplete: 'off' } }),
            textField('Whose jobs it sees', owner, {
                placeholder: 'Its own',
                hint: 'Keys with the same owner share jobs and pictures.',
                more: { maxlength: 64, autocomplete: 'off' },
            }),
            toggle('May generate', mayGenerate, { disabled: () => mayAdmin.value }),
            toggle('May do everything, also for others', mayAdmin, { disabled: () => isFirst }),
            selectField('Highest tier', tier, () =>
                ['general', 'mature', 'explicit'].map((one) => /** @type {const} */ ([one, one])),
            ),
            textField('Rate', rate, {
                placeholder: 'As the settings say',
                hint: 'Such as 60/minute.',
                more: { autocomplete: 'off' },
            }),
            numberField('Jobs that may wait', waiting, { min: 1, step: 1, placeholder: 'As the settings say' }),
        ],
        { yes: 'Make it', send, close },
    );
}

/**
 * @param {Wire<'NewKey'>} made
 * @param {() => void} close
 */
function shown(made, close) {
    const copy = async () => {
        await navigator.clipboard.writeText(made.key);
        say('Copied');
    };
    return [
        h('p', null, 'Copy it now: it is not kept, and cannot be shown again.'),
        h('pre', { class: 'settings-key', tabindex: '0' }, made.key),
        h(
            'footer',
            null,
            button({ label: 'Copy', icon: 'copy', onclick: copy }),
            button({ label: 'I have it', kind: 'main', onclick: close }),
        ),
    ];
}
