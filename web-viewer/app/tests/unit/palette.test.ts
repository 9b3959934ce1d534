import { describe, expect, test } from 'vitest';
import { ACTIONS, KEY_HELP, commandOf, motionOf, type KeyPress } from '../../src/flame/keys';
import { actionsFor } from '../../src/flame/palette';

const press = (given: Partial<KeyPress>): KeyPress => ({ key: '', code: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...given });

describe('actions', () => {
  test('are each called by their own keys, and no key calls two', () => {
    for (const { command, keys } of ACTIONS)
      for (const key of keys) {
        const pressed = press({ ...('key' in key ? { key: key.key } : { code: key.code }), shiftKey: key.shift ?? false, ctrlKey: 'ctrl' in key && key.ctrl === true });
        expect([command, commandOf(pressed), motionOf(pressed)]).toEqual([command, command, null]);
        // Neither Alt nor, where it is not meant, Ctrl.
        expect(commandOf({ ...pressed, altKey: true })).toBeNull();
        expect(commandOf({ ...pressed, ctrlKey: !pressed.ctrlKey })).toBeNull();
      }
    expect(new Set(ACTIONS.map(({ command }) => command)).size).toBe(ACTIONS.length);
  });

  test('with a key are all in the overview of keys', () => {
    const told = KEY_HELP.map(([message]) => message);
    expect(ACTIONS.filter(({ pressed, message }) => (pressed !== null) !== told.includes(message))).toEqual([]);
    expect(ACTIONS.filter(({ pressed, keys }) => (pressed !== null) !== keys.length > 0)).toEqual([]);
  });

  test('are found by words of what they do or of their keys, in any order', () => {
    const describe = ({ command, pressed }: { command: string; pressed: string | null }): string => `${command.replaceAll('-', ' ')} ${pressed}`;
    expect(actionsFor('MARK rem', describe).map(({ command }) => command)).toEqual(['remove-mark']);
    expect(actionsFor('link', describe).map(({ command }) => command)).toEqual(['previous-link', 'next-link']);
    expect(actionsFor(' ', describe).length).toBe(ACTIONS.length - 1);
    expect(actionsFor('nothing is called so', describe)).toEqual([]);
  });
});
