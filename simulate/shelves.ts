/**
 * What the shop sells: twelve shelves of five themes of five items, each with its price in whole
 * units. Things of one theme go together, so there is something to learn.
 */
export const THEMES_PER_SHELF = 5;
export const ITEMS_PER_THEME = 5;

/** A line is a theme: its name, then item and price, item and price. */
export const SHELVES = {
  tech: `
    audio | Wireless earbuds | 79 | Over-ear headphones | 149 | Bluetooth speaker | 59 | Headphone stand | 19 | Earbud case | 12
    phones | Phone, 128 GB | 449 | Phone case, clear | 15 | Screen protector, 2 pieces | 11 | Fast charger, 45 W | 29 | USB-C cable, 2 m | 9
    photo | Compact camera | 329 | Tripod, 150 cm | 49 | Memory card, 128 GB | 22 | Camera bag | 39 | Lens cleaning kit | 13
    smart home | Smart speaker | 89 | Smart plug, 4 pieces | 35 | LED bulb, dimmable | 14 | Door sensor | 24 | Video doorbell | 119
    gaming | Game controller | 55 | Gaming headset | 69 | Mechanical keyboard | 99 | Mouse, 8 buttons | 45 | Mouse pad, large | 17
  `,
  shoes: `
    running | Road running shoes | 110 | Trail running shoes | 125 | Running socks, 3 pairs | 18 | Reflective vest | 21 | Elastic laces | 7
    hiking | Hiking boots | 159 | Hiking socks, wool | 16 | Waterproofing spray | 12 | Insoles, cushioned | 23 | Gaiters | 34
    everyday | Canvas sneakers | 59 | Leather sneakers | 95 | Slip-ons | 49 | Sneaker cleaner | 14 | Ankle socks, 5 pairs | 15
    office | Oxford shoes | 139 | Loafers | 119 | Shoe polish, black | 8 | Shoe trees, cedar | 25 | Shoe horn | 9
    summer | Sandals | 45 | Flip-flops | 19 | Espadrilles | 39 | Water shoes | 27 | Foot balm | 10
  `,
  books: `
    crime | The Harbour Files | 14 | A Quiet Alibi | 12 | Night Ferry | 11 | The Ninth Witness | 15 | Cold Orchard | 13
    science | How Stars End | 24 | The Curious Cell | 22 | Numbers in Nature | 19 | A Short Walk Through Time | 21 | Ocean Below | 26
    cooking | One Pot, Thirty Days | 27 | Bread at Home | 29 | The Vegetable Year | 31 | Spice by Spice | 25 | Quick Noodles | 18
    children | The Fox Who Counted | 10 | Goodnight, Lighthouse | 9 | Dinosaurs on Bikes | 12 | My First Atlas | 17 | Sticker Forest | 7
    software | Small Functions | 42 | Streams, Slowly | 49 | Queries That Last | 45 | On Call | 35 | Designing With Data | 39
  `,
  garden: `
    growing | Raised bed, cedar | 89 | Potting soil, 40 l | 11 | Tomato seedlings, 6 | 15 | Plant labels, 50 | 6 | Herb seeds, 8 kinds | 13
    watering | Garden hose, 20 m | 34 | Spray nozzle | 12 | Watering can, 10 l | 19 | Drip kit | 39 | Rain barrel | 79
    tools | Pruning shears | 24 | Garden gloves | 9 | Hand trowel | 11 | Leaf rake | 21 | Wheelbarrow | 75
    lawn | Cordless mower | 249 | Lawn seed, 2 kg | 26 | Lawn fertiliser | 22 | Edging shears | 29 | Spreader | 45
    patio | Folding chair | 39 | Parasol, 3 m | 85 | String lights, solar | 25 | Fire bowl | 99 | Chair cushion | 18
  `,
  kitchen: `
    coffee | Espresso machine | 299 | Burr grinder | 89 | Coffee beans, 1 kg | 19 | Milk jug | 16 | Descaler | 9
    baking | Stand mixer | 219 | Loaf tin | 14 | Proofing basket | 18 | Kitchen scale | 23 | Baking mat | 12
    knives | Chef's knife, 20 cm | 79 | Paring knife | 24 | Sharpening stone | 35 | Cutting board, oak | 39 | Knife block | 55
    pans | Cast-iron pan | 49 | Steel pan, 28 cm | 65 | Saucepan, 2 l | 45 | Glass lid | 15 | Pan scraper, 2 pieces | 6
    tea | Tea pot, 1 l | 32 | Green tea, loose | 12 | Earl Grey, loose | 11 | Tea strainer | 8 | Kettle, 70–100 °C | 59
  `,
  toys: `
    bricks | Brick set, castle | 79 | Brick set, harbour | 65 | Base plates, 4 | 15 | Sorting box | 19 | Mini figures, 12 | 25
    puzzles | Puzzle, 1,000 pieces | 17 | Puzzle, 500 pieces | 13 | Puzzle mat | 22 | Cube puzzle | 14 | Puzzle glue | 7
    outdoor | Scooter | 69 | Kite | 18 | Skipping rope | 8 | Football, size 4 | 21 | Bubble machine | 24
    art | Crayons, 48 | 12 | Watercolours | 16 | Drawing pad, A3 | 9 | Modelling clay | 14 | Safety scissors | 5
    games | Card game, quick | 12 | Board game, islands | 45 | Board game, trains | 49 | Dice set | 9 | Card sleeves, 100 | 7
  `,
  music: `
    guitar | Acoustic guitar | 199 | Guitar strings | 11 | Capo | 14 | Clip tuner | 16 | Guitar stand | 22
    piano | Digital piano | 549 | Piano bench | 69 | Sustain pedal | 29 | Beginner scores | 18 | Keyboard cover | 15
    drums | Practice pad | 27 | Drumsticks, 5A | 12 | Snare drum | 139 | Metronome | 25 | Ear plugs | 19
    vinyl | Turntable | 229 | Record brush | 13 | Record sleeves, 50 | 17 | Jazz sampler, LP | 24 | Stylus | 45
    studio | Condenser microphone | 99 | Audio interface | 129 | Pop filter | 15 | XLR cable, 5 m | 14 | Desk stand | 29
  `,
  sport: `
    yoga | Yoga mat, 6 mm | 35 | Yoga block, 2 | 16 | Yoga strap | 9 | Meditation cushion | 39 | Mat cleaner | 11
    strength | Adjustable dumbbells | 189 | Kettlebell, 12 kg | 45 | Resistance bands | 19 | Pull-up bar | 35 | Lifting gloves | 17
    cycling | Bike helmet | 69 | Bike lock | 45 | Front light | 29 | Floor pump | 35 | Inner tube, 2 | 12
    swimming | Swim goggles | 19 | Swim cap | 8 | Kickboard | 17 | Microfibre towel | 16 | Dry bag, 10 l | 18
    tennis | Tennis racket | 119 | Tennis balls, 4 | 9 | Overgrips, 10 | 14 | Racket bag | 49 | Wristbands | 8
  `,
  beauty: `
    skin | Day cream | 24 | Night cream | 29 | Face cleanser | 14 | Sunscreen, SPF 50 | 16 | Cotton pads, 120 | 4
    hair | Shampoo | 9 | Conditioner | 9 | Hair oil | 17 | Wide comb | 7 | Hair dryer | 69
    shaving | Safety razor | 35 | Razor blades, 20 | 12 | Shaving soap | 14 | Shaving brush | 29 | Aftershave balm | 18
    nails | Nail polish, red | 8 | Base coat | 9 | Top coat | 9 | Nail file, glass | 6 | Polish remover | 5
    scent | Eau de parfum | 79 | Travel spray | 29 | Scented candle | 25 | Room diffuser | 34 | Soap, lavender | 6
  `,
  travel: `
    luggage | Cabin suitcase | 119 | Suitcase, 75 l | 169 | Packing cubes, 6 | 24 | Luggage scale | 14 | Luggage tags, 2 | 9
    backpacks | Day pack, 20 l | 69 | Trekking pack, 50 l | 149 | Rain cover | 17 | Hydration bladder | 29 | Carabiners, 4 | 12
    camping | Tent, 2 persons | 199 | Sleeping bag | 99 | Sleeping mat | 59 | Head torch | 29 | Camping stove | 45
    flight | Neck pillow | 24 | Sleep mask | 9 | Compression socks | 15 | Travel bottles, 4 | 11 | Foot hammock | 18
    city | Sling bag | 39 | Power bank | 35 | Universal adapter | 22 | Foldable umbrella | 19 | Passport case | 14
  `,
  pets: `
    dogs | Dog food, 10 kg | 45 | Dog lead | 17 | Dog bed | 49 | Chew toy | 9 | Waste bags, 120 | 8
    cats | Cat food, 24 tins | 29 | Cat litter, 10 l | 12 | Scratching post | 39 | Feather wand | 7 | Litter scoop | 5
    fish | Aquarium, 60 l | 99 | Filter | 34 | Fish food | 8 | Water test | 15 | Aquarium plants | 12
    birds | Bird feeder | 22 | Sunflower seeds, 5 kg | 16 | Nest box | 19 | Suet balls, 20 | 9 | Bird bath | 35
    small pets | Rabbit hutch | 129 | Hay, 3 kg | 11 | Water bottle | 7 | Chew sticks | 6 | Play tunnel | 14
  `,
  office: `
    writing | Fountain pen | 45 | Ink, blue | 12 | Notebook, dotted | 16 | Pencil set | 14 | Eraser, 3 pieces | 4
    desk | Desk lamp | 49 | Monitor arm | 89 | Desk mat | 25 | Cable clips | 9 | Footrest | 35
    paper | Copy paper, 5 reams | 24 | Folders, 10 | 11 | Lever files, 5 | 15 | Sticky notes, 12 | 8 | Stapler | 13
    chairs | Office chair | 249 | Lumbar cushion | 29 | Chair mat | 45 | Soft castors, 5 | 24 | Armrest pads | 17
    planning | Wall planner | 14 | Whiteboard | 59 | Markers, 8 | 12 | Magnets, 20 | 8 | Desk calendar | 11
  `,
} as const;
