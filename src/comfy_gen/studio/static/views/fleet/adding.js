/** Adds engines: one at an address, or the sandbox. */

import { post } from '../../core/api.js';
import { askAgain } from '../../core/engines.js';
import { signal } from '../../core/signals.js';
import { openDialog } from '../../parts/dialogs.js';
import { numberField, textField } from '../../parts/fields.js';
import { form } from '../../parts/forms.js';
import { say } from '../../parts/toasts.js';

/** Have the service itself be an engine that paints. */
export async function beginSandbox() {
    await post('/engines/sandbox');
    say('The sandbox paints now', {
        hint: 'Its pictures are painted, not generated. Remove it in Fleet when a ComfyUI is there.',
    });
    await askAgain();
}

/** Ask for an address, and add the engine there. */
export async function addEngine() {
    const made = await openDialog('Add an engine', asking);
    if (!made) return;
    say(`${made.name} is added`, { hint: 'It gets jobs as soon as it answers.' });
    await askAgain();
}

/** @param {(made?: Wire<'Engine'>) => void} close */
function asking(close) {
    const [url, name, tags] = [signal(''), signal(''), signal('')];
    const weight = signal(/** @type {number | null} */ (1));
    const depth = signal(/** @type {number | null} */ (2));
    const send = () =>
        post('/engines', {
            url: url.peek().trim(),
            name: name.peek().trim(),
            tags: tags
                .peek()
                .split(/[\s,]+/)
                .filter(Boolean),
            weight: weight.peek() ?? 1,
            depth: depth.peek() ?? 2,
        });
    return form(
        [
            textField('Address', url, {
                type: 'url',
                placeholder: 'http://gpu-2:8188',
                more: { required: true, autofocus: true, pattern: 'https?://.+', autocomplete: 'off' },
            }),
            textField('Name', name, {
                placeholder: 'After its address',
                more: { maxlength: 100, autocomplete: 'off' },
            }),
            textField('Tags', tags, {
                hint: 'What it is good for, with blanks between; jobs may ask for some.',
                more: { autocomplete: 'off' },
            }),
            numberField('Weight', weight, { min: 0.01, hint: 'How much work it gets, compared with the others.' }),
            numberField('Prompts at a time', depth, {
                min: 1,
                max: 100,
                step: 1,
                hint: 'Two keep its GPU busy: one runs, one waits.',
            }),
        ],
        { yes: 'Add it', send, close },
    );
}
