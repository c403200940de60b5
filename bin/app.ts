import { tributary } from '../lib/tributary-app.ts';

tributary().app.synth();
