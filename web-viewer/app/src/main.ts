import { mount } from 'svelte';
import './pages/app.css';
import App from './pages/App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no element with the id "app"');
mount(App, { target });
