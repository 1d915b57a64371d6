/** What somebody sees who comes before any engine does: what that means, and the sandbox to go on with. */

import { h } from '../core/dom.js';
import { engines, isAnyUp, watchEngines } from '../core/engines.js';
import { isAdministrator } from '../core/session.js';
import { computed } from '../core/signals.js';
import { button } from '../parts/buttons.js';

/** A line above each view while no engine can be given work. */
export function welcome() {
    watchEngines();
    const state = computed(() =>
        !engines.value || isAnyUp(engines.value) ? '' : engines.value.length ? 'silent' : 'none',
    );
    const begin = async () => (await import('../views/fleet/adding.js')).beginSandbox();
    const add = async () => (await import('../views/fleet/adding.js')).addEngine();
    return h('aside', { class: 'welcome', hidden: () => !state.value, 'aria-label': 'No engine' }, () =>
        state.value
            ? [
                  h(
                      'p',
                      { class: 'grow' },
                      h('strong', null, state.value === 'none' ? 'There is no engine yet. ' : 'No engine answers. '),
                      isAdministrator.value
                          ? 'Start your ComfyUI, or try everything with the sandbox, which paints in its place.'
                          : 'What you ask for waits until one does.',
                  ),
                  isAdministrator.value
                      ? [
                            button({ label: 'Try the sandbox', kind: 'main', icon: 'play', onclick: begin }),
                            button({ label: 'Add an engine', icon: 'add', onclick: add }),
                        ]
                      : null,
              ]
            : null,
    );
}
