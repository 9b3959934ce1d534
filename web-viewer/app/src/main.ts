import { mount } from 'svelte';
import { chosenLanguage, speak } from './locale/language';
import './pages/app.css';
import App from './pages/App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no element with the id "app"');

async function start(within: HTMLElement): Promise<void> {
  try {
    await speak(chosenLanguage());
  } catch {
    // Without the messages of that language the page is still of use, in English.
    await speak('en');
  }
  mount(App, { target: within });
}

void start(target);
