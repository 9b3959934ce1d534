# Flame chart
chart-label = Flame chart des threads
search-placeholder = Rechercher des spans ( / )
search-previous = Résultat précédent (Maj + Entrée)
search-next = Résultat suivant (Entrée)
search-busy = recherche…
search-position = { $at } sur { $total }
search-total = { $total ->
    [0] aucun résultat
    [one] { $total } résultat
   *[other] { $total } résultats
}
status-loading = chargement…
status-reading = lecture des spans, { $read } sur { $wanted }…
unread-spans = pas encore lu : le nombre de spans, non leurs instants
status-only = Seulement { $process }
status-problem = certaines données n’ont pas été chargées
fit-button = Tout voir
fit-title = Afficher tout le processus (0)
color-title = Colorer les spans par nom, par durée ou par profondeur (C)
color-name = Couleur : nom
color-duration = Couleur : durée
color-depth = Couleur : profondeur
mode-title = Disposer les spans selon le temps, fusionnés par chemin d’appel, les plus lourds à gauche, ou autour d’une fonction (V)
mode-timeline = Mode : chronologie
mode-left-heavy = Mode : lourds à gauche
mode-sandwich = Mode : sandwich
zoom-button = Zoomer dessus
zoom-title = Afficher cette plage (F)
help-close = Fermer
visible-time = affiche { $duration }
overview-hits = ≤ { $most } en { $step }
overview-title = Tout le processus : faire glisser pour déplacer ce qui est affiché
panel-hint = Cliquez sur un span pour voir ses détails, faites glisser pour sélectionner une plage. La touche ? affiche tous les raccourcis.
range-title = Plage sélectionnée
range-logs = Logs de cette plage
range-logs-of = Logs de cette plage, { $process }
span-logs = Logs de ce span
span-bucket = { $count } spans, le plus long dure { $longest }
span-merged = { $count } spans courts dessinés comme un seul ; voici le plus long
span-depth = profondeur { $depth }
span-open = { $so_far } jusqu’ici, encore ouvert
span-truncated = son début ou sa fin n’a pas été enregistré
span-problem = Les détails n’ont pas été chargés : { $problem }
fact-duration = Durée
fact-self = Propre
fact-count = Fusionnés
fact-thread = Thread
fact-process = Processus
fact-depth = Profondeur
fact-begin = Début
fact-end = Fin
fact-target = Cible
fact-source = Source
fact-note = Note
table-button = Tableau
table-title = Afficher les spans visibles dans un tableau
table-visible = Spans visibles, { $shown } sur { $total }
table-brushed = Spans visibles mis en avant, ou qui peuvent l’être, { $shown } sur { $total }
table-hits = Résultats de la recherche, { $shown } sur { $total }
table-name = Nom
table-thread = Thread
table-process = Processus
table-depth = Profondeur
table-begin = Début
table-duration = Durée
table-count = Nombre

fact-begin-thread = Thread de début
fact-end-thread = Thread de fin
fact-trace = Trace
lane-async = Spans asynchrones
tracks-label = Entrées de log, compteurs, pièces jointes et marqueurs
tracks-button = Compteurs
axis-button = Processus…
axis-button-of = Processus ({ $count })
axis-title = Processus sur cet axe
axis-hint = Les compteurs, entrées de log et marqueurs au-dessus des threads, et les spans fusionnés, sont ceux du processus de cette page.
axis-family = Parent et enfants
axis-others = Autres processus
axis-find = Chercher d’autres processus
axis-own = cette page
axis-loading = Recherche du parent et des enfants…
axis-problem = Aucun processus : { $problem }
axis-found = { $count ->
    [0] Rien ne porte ce nom.
    [one] { $count } processus trouvé
   *[other] { $count } processus trouvés
}
axis-most = Au plus { $count } à la fois : retirez-en un pour en ajouter un autre.
axis-none = Il n’y a que ce processus ici.
axis-frozen = Un lien figé ne montre que son propre processus : les autres sont omis.
fold-process-none = Il n’y a que ce processus sur l’axe.
follow-button = Suivre
follow-title = Accompagner la fin du processus en cours (G)
follow-on = La fin est suivie
follow-off = La fin n’est plus suivie
follow-ended = Le processus est terminé : plus rien n’arrive.
follow-not-live = Le processus est terminé : il n’y a rien à suivre.
statistics-process = Processus des statistiques
tracks-title = Compteurs affichés au-dessus des threads
tracks-none = Ce processus n’a rien mesuré.
tracks-samples = { $count ->
    [one] { $count } échantillon
   *[other] { $count } échantillons
}
track-logs = Logs
track-log-count = { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}
track-markers = Marqueurs
marker-others = et { $count ->
    [one] { $count } autre tout près
   *[other] { $count } autres tout près
}
marker-properties = et { $count ->
    [one] { $count } autre propriété
   *[other] { $count } autres propriétés
}
track-attachments = Pièces jointes
attachment-preview = Aperçu de { $name }
attachment-broken = Pas d’aperçu : ce n’est pas l’image annoncée, ou elle n’a pas pu être chargée.
track-frame-median = médiane { $median }
track-frame-compared = { $times } × la médiane de { $median }

# Linked events
links-label = Liens :
links-back = ← { $name }
links-on = { $name } →
links-none = Rien n’y est lié dans ce sens.
links-previous = Depuis { $name }, { $duration } avant ( [ )
links-next = Vers { $name }, { $duration } après ( ] )
links-parent = Le span asynchrone dont il fait partie ( [ )
links-child = Le premier span asynchrone qui en fait partie ( ] )
links-problem = Les liens n’ont pas pu être chargés : { $problem }

# Marks
track-marks = Repères
marks-button = Repères ({ $count })
marks-title = Instants que vous avez repérés : les nommer, y aller, les supprimer
marks-time = Depuis le début
marks-label = Nom
marks-distance = Au suivant
marks-go = Aller à { $when }
marks-name = Nom du repère { $name }
marks-remove = Supprimer le repère { $name }
mark-said = Repère { $name }, { $time }
mark-removed = Repère { $name } supprimé

# Merged spans
merged-callers = Appelants
merged-callees = Appelés
merged-count = Nombre
merged-total = Total
merged-self = Propre
merged-average = Moyenne
merged-share = Part
merged-path = Chemin
merged-spans = { $count ->
    [one] { $count } span
   *[other] { $count } spans
}
merged-more = … et { $count } de plus
merged-visible = largeur : { $duration }
merged-share-thread = { $share } % de son thread
merged-share-function = { $share } % de la fonction
merged-head = { $spans ->
    [one] { $spans } span
   *[other] { $spans } spans
} à partir du { $begin }, sur { $duration }, en { $paths ->
    [one] { $paths } chemin d’appel.
   *[other] { $paths } chemins d’appel.
}
merged-left-out = { $count ->
    [one] La frame la plus légère ({ $count }) est omise.
   *[other] Les { $count } frames les plus légères sont omises.
}
merged-hint = Cliquez sur une frame pour voir ses sommes, double-cliquez pour zoomer dessus. Dans un sandwich, Entrée montre la fonction suivante.
merged-functions = { $count ->
    [one] { $count } fonction
   *[other] { $count } fonctions
}
merged-table = Frames, { $shown } sur { $total }
merged-sandwich = Sandwich
merged-sandwich-title = Montrer qui l’appelle, et ce qu’elle appelle
merged-zoom-title = Afficher cette frame sur toute la largeur (F)
merged-loading = fusion en cours…
merged-none = Il n’y a pas de span dans cet intervalle.
merged-none-of-function = Aucun span ne porte ce nom dans cet intervalle.
merged-not-saved = Qui appelle cette fonction, et ce qu’elle appelle, n’a pas été enregistré avec cette page.
merged-problem = Les spans n’ont pas pu être fusionnés : { $problem }

# Keys
keys-title = Raccourcis clavier (?)
keys-zoom = Zoomer et dézoomer
keys-move = Aller à gauche et à droite
keys-scroll = Faire défiler les threads
keys-wheel-zoom = Zoomer sous le pointeur
keys-drag-range = Sélectionner une plage
keys-drag-pan = Déplacer
keys-drag-zoom = Zoomer sur une plage
keys-select = Sélectionner un span
keys-zoom-span = Zoomer sur un span
keys-brush = Dans l’histogramme des statistiques : mettre en avant les spans qui ont duré ce temps
keys-focus = Zoomer sur la sélection ; encore : tout afficher
keys-fit = Tout afficher
keys-fold = Replier la piste, ou la déplier
keys-fold-process = Replier le processus, ou le déplier
keys-processes = Choisir les processus qui partagent l’axe
keys-follow = Suivre la fin d’un processus en cours, ou rester
keys-range = Sélectionner la durée du span, ou de ce qui est affiché ; encore : changer de borne
keys-mark = Poser un repère sous le pointeur, ou aux deux bouts de la sélection ; sur un repère : le nommer
keys-remove-mark = Supprimer le repère le plus proche du pointeur
keys-tracks = Aller aux logs, compteurs, pièces jointes et marqueurs ; là, de rangée en rangée, de repère en repère, et Entrée ouvre
keys-color = Colorer par nom, par durée ou par profondeur
keys-mode = Selon le temps, fusionnés, les plus lourds à gauche, ou autour d’une fonction
keys-search = Rechercher
keys-clear = Effacer
keys-begin = Au début du processus
keys-end = À la fin du processus
keys-next-sibling = Span suivant de la ligne
keys-previous-sibling = Span précédent de la ligne
keys-row-above = Span au-dessus
keys-row-below = Span au-dessous
keys-previous-link = Événement lié précédent du span
keys-next-link = Événement lié suivant du span
keys-next-lane = Piste suivante
keys-previous-lane = Piste précédente
keys-extend-left = Déplacer un bout de la plage vers la gauche
keys-extend-right = Déplacer un bout de la plage vers la droite
keys-next-mark = Repère suivant
keys-previous-mark = Repère précédent
keys-list-marks = Lister les repères : les nommer, y aller, les supprimer
keys-counters = Choisir les compteurs
keys-table = Ce qui est visible en tableau, ou en graphique
keys-next-hit = Résultat suivant de la recherche
keys-previous-hit = Résultat précédent de la recherche
keys-palette = Toutes les actions
keys-help = Afficher ces raccourcis
press-zoom = Z  S (QWERTY : W  S)
press-move = Q  D (QWERTY : A  D)  ←  →
press-scroll = ↑  ↓
press-wheel = Ctrl + molette
press-drag = glisser
press-drag-pan = Maj + glisser
press-drag-zoom = Alt + glisser
press-click = clic
press-double-click = double-clic
press-brush = glisser, ou ←  → avec Maj
press-focus = F
press-fit = 0
press-fold = X
press-fold-process = Maj + X
press-processes = P
press-follow = G
press-range = R
press-mark = M
press-remove-mark = Maj + M
press-tracks = L, puis ←  ↑  ↓  →
press-color = C
press-mode = V
press-search = /
press-siblings = ,  { "." }
press-arrows = ←  ↑  ↓  →
press-arrows-star = ←  ↑  ↓  →  *
press-list = ↑  ↓  Espace
press-clear = Échap
press-begin = Début
press-end = Fin
press-next-sibling = { "." }
press-previous-sibling = ,
press-row-above = Maj + ↑
press-row-below = Maj + ↓
press-previous-link = { "[" }
press-next-link = ]
press-next-lane = J
press-previous-lane = K
press-extend-left = Maj + ←
press-extend-right = Maj + →
press-next-mark = N
press-previous-mark = Maj + N
press-next-hit = Entrée
press-previous-hit = Maj + Entrée
press-palette = Ctrl + Maj + P  F1
palette-placeholder = Que faire
palette-none = Aucune action ne s’appelle ainsi.
mark-none = Rien n’est repéré.
press-help = ?
panel-label = Ce qui est sélectionné
lane-folded = repliée
lane-unfolded = dépliée

# Cell
cell-open = Ouvrir dans la visionneuse
cell-problem = Ce flame chart ne peut pas être affiché : { $problem }
cell-metrics-problem = Ces métriques ne peuvent pas être affichées : { $problem }
cell-select-hint = Ce qui est sélectionné ici est la Selection de ce résultat dans le code, et .sel dans les commandes magiques.
cell-selected = Sélectionné, { $duration } :
cell-selected-path = Sélectionnés, sur { $duration }, tous les spans d’un chemin d’appel :
cell-range = une plage de temps
cell-selected-line = Sélectionnée, une ligne :
cell-selected-lines = Sélectionnées, des lignes sur { $duration }
cell-selected-process = Sélectionné :
cell-stale = Périmé : autre chose a été sélectionné depuis l’exécution de cette cellule.
cell-stale-count = { $count ->
    [one] { $count } cellule a utilisé ce qui était sélectionné avant.
   *[other] { $count } cellules ont utilisé ce qui était sélectionné avant.
}
cell-stale-run = Exécuter à nouveau
cell-stale-always = après chaque sélection
cell-started = Démarré (UTC)
cell-only-asking = cette page ne peut pas interroger le noyau
logs-label = Lignes d’un log
log-time = Heure (UTC)
log-level = Niveau
log-thread = Thread
log-target = Cible
log-message = Message
cell-saved-view = Dessiné d’après ce qui a été enregistré avec le notebook : cette page ne peut pas en demander plus au noyau.
cell-unknown = Affiché tel qu’enregistré : { $problem }
cell-lost = Plus rien n’est chargé ici : { $problem }

# Pages
nav-label = Pages de ce processus
nav-lake = Pages de tous les processus
nav-processes = Processus
nav-process = Aperçu
nav-timeline = Chronologie
nav-logs = Logs
nav-metrics = Métriques
nav-graph = Graphe d’appels
page-missing = Cette page n’existe pas.
page-problem = La page n’a pas été chargée : { $problem }
language-label = Langue
language-en = English
language-fr = Français
title-processes = Processus · Legion
title-missing = Introuvable · Legion

# Sign-in
title-sign-in = Connexion · Legion
sign-in-title = Connexion
sign-in-key = La clé ou le jeton qui ouvre ce lac de données, avec le rôle read ou admin
sign-in-button = Se connecter
sign-out-button = Déconnecter ce navigateur
sign-in-refused = Cette clé n’est pas acceptée.

# Processes
processes-search = Rechercher des processus ( / )
processes-count = { $count ->
    [one] { $count } processus
   *[other] { $count } processus
}
processes-none = Aucun processus ne correspond.
processes-problem = Les processus n’ont pas été chargés : { $problem }
process-exe = Programme
process-started = Démarré
process-lasted = Durée
process-state = État
process-user = Utilisateur
process-computer = Machine
process-os = Système
process-properties = Propriétés
process-live = en cours
process-ended = terminé
process-problem = Le processus n’a pas été chargé : { $problem }
process-problems = { $count ->
    [one] { $count } problème
   *[other] { $count } problèmes
}

# Timeline
timeline-problem = La chronologie n’a pas été chargée : { $problem }
timeline-empty = Ce processus n’a enregistré aucun span.

# Logs
logs-search = Rechercher dans les messages ( / )
logs-level = Niveau minimal
logs-all-time = tout le processus
logs-count = { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}
logs-count-part = { $count ->
    [one] { $count } ligne pour l’instant
   *[other] { $count } lignes pour l’instant
}
logs-follow = Afficher ce qui est arrivé
logs-none = Aucune ligne ne correspond.
logs-hint = Choisissez une ligne pour la voir en entier.
logs-in-timeline = Voir dans la chronologie
logs-problem = Les logs n’ont pas été chargés : { $problem }
logs-level-count = { $count }
logs-level-count-part = { $count }+
logs-counted-part = { $read } lignes comptées sur { $lines }
logs-count-all = Compter toutes les lignes
logs-reading = lecture…
logs-counting = Comptage des lignes…
logs-histogram = Lignes au fil du temps
logs-histogram-hint = Glissez pour ne voir qu’une plage, cliquez pour y aller.
logs-histogram-bar = { $time } · { $duration } · { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}
logs-histogram-bar-part = { $time } · { $duration } · { $count ->
    [one] { $count } ligne pour l’instant, toutes ne sont pas comptées
   *[other] { $count } lignes pour l’instant, toutes ne sont pas comptées
}
logs-context = Voir les lignes voisines
logs-context-back = Revenir à la recherche
logs-patterns = Motifs
logs-patterns-part = de { $read } lignes autour d’ici, sur { $total } : de { $from } à { $to }
logs-patterns-all = { $read ->
    [one] de { $read } ligne
   *[other] des { $read } lignes
}
logs-all-patterns = Voir les lignes de tous les motifs
logs-keys-search = Rechercher dans les messages et les cibles
logs-keys-words = Dans une recherche : les lignes qui ont chacun des mots
logs-keys-phrase = Dans une recherche : des mots qui se suivent
logs-keys-without = Dans une recherche : écarter les lignes qui ont un mot, ou des mots qui se suivent
logs-keys-lines = Choisir la ligne précédente ou suivante
logs-keys-pages = Dans la liste : une page plus haut ou plus bas
logs-keys-ends = Dans la liste : à la première ou à la dernière ligne
logs-keys-context = Voir les voisines de la ligne choisie, quelle que soit la recherche, et revenir
logs-keys-patterns = Grouper les lignes par leur forme ; un clic montre celles d’un motif
logs-keys-histogram = Dans l’histogramme : de barre en barre ; Maj en sélectionne plusieurs
logs-keys-range = Dans l’histogramme : ne voir que la plage des barres ; avec Maj, y aller
press-words = un deux
press-phrase = "un deux"
press-without = -mot  -"deux mots"
press-lines = ↑  ↓
press-line-pages = Pg préc  Pg suiv
press-line-ends = Début  Fin
press-patterns = P
press-histogram = ←  →  Maj + ←  →
press-range-part = Entrée  Maj + Entrée
# The levels are those of the programs, and of SQL: they have one name everywhere.
level-trace = trace
level-debug = debug
level-info = info
level-warn = warn
level-error = error
level-fatal = fatal

# Tables of a notebook
table-rows = lignes { $from } à { $to } sur { $total }
table-here = les { $count } premières sont ici
table-first = Premières lignes
table-previous = Lignes précédentes
table-next = Lignes suivantes
table-last = Dernières lignes
table-sort = Trier par { $column }

# Call graphs of a notebook
graph-search = Trouver un nom
graph-back = Revenir au nom précédent
graph-roots = Racines
graph-roots-title = Montrer ce que rien n’appelle
graph-root = (racine)
graph-all = Tout le processus
graph-callers = Appelé par
graph-callees = Appelle
graph-cost = { $total } en { $calls ->
    [one] { $calls } appel
   *[other] { $calls } appels
}
graph-total = Total
graph-self = Propre
graph-calls = Appels

# Call graph of a process
graph-label = Graphe d’appels
graph-view-title = Montrer une fonction avec ses appelants et ses appelés, tous les chemins d’appel, ou un dessin de l’ensemble (V)
graph-view-butterfly = Papillon
graph-view-tree = Arbre
graph-view-nodes = Graphe
graph-search-list = Rechercher des fonctions ( / )
graph-list = Fonctions de cet intervalle
graph-tree = Chemins d’appel de chaque thread
graph-share = Part du temps total
graph-percent = { $share } %
graph-whole = Tout le processus
graph-whole-title = Montrer tout son temps
graph-whole-shown = tout le processus, { $duration }
graph-part-shown = à partir du { $begin }, { $duration }
graph-recursion = récursion
graph-recursion-title = Elle s’appelle elle-même : ce temps fait partie du sien, et n’est pas compté de nouveau.
graph-in-timeline-title = Rechercher ses spans dans la chronologie
graph-more-paths = { $count ->
    [one] … et { $count } autre chemin d’appel
   *[other] … et { $count } autres chemins d’appel
}
graph-caller = Appelant
graph-callee = Appelé
graph-table = Appels, { $shown } sur { $total }
graph-table-title = Afficher les appels du dessin dans un tableau
graph-drawn = { $functions ->
    [one] { $functions } fonction
   *[other] { $functions } fonctions
} et { $calls ->
    [one] { $calls } appel
   *[other] { $calls } appels
} entre fonctions.
graph-left-out = Les plus légers sont omis : { $functions ->
    [one] { $functions } fonction
   *[other] { $functions } fonctions
} et { $calls ->
    [one] { $calls } appel.
   *[other] { $calls } appels.
}
graph-no-webgl = Ce navigateur ne peut pas les dessiner sans WebGL ; le tableau les contient.
graph-keys-view = Papillon, arbre ou graphe
graph-keys-list = Dans la liste : choisir une fonction
graph-keys-beside = Fonction précédente et suivante de la liste
graph-keys-wings = Dans le papillon : d’appel en appel, et vers l’autre côté
graph-keys-tree = Dans l’arbre : de chemin en chemin, ouvrir et fermer, ouvrir tout ce qui est à côté
graph-keys-zoom = Dans le graphe : zoomer et dézoomer
graph-keys-move = Dans le graphe : se déplacer
graph-keys-focus = Dans le graphe : aller à la fonction choisie
graph-problem = Le graphe d’appels n’a pas été chargé : { $problem }

# Metrics
metrics-label = Métriques dans le temps
metrics-list = Métriques du processus
metrics-search = Rechercher des métriques ( / )
metrics-count = { $chosen } sur { $count ->
    [one] { $count } métrique
   *[other] { $count } métriques
}
metrics-kind-count = comptage
metrics-kind-frame = frames
metrics-none = Ce processus n’a rien mesuré.
metrics-choose = Choisissez une métrique pour la tracer.
metrics-not-saved = Pas enregistré ici : personne ne peut en fournir les valeurs.
metrics-hint = Faites glisser sur une courbe pour sélectionner un intervalle. La touche ? affiche tous les raccourcis.
metrics-keys-list = Dans la liste : choisir une métrique
metrics-per-second = par seconde
metrics-per-step = somme par pas
metrics-counts-per-second = Comptages : par seconde
metrics-counts-per-step = Comptages : somme par pas de { $step }
metrics-per-title = Tracer les comptages par seconde, ou leur somme par pas
metrics-table-title = Afficher les courbes dans un tableau
metrics-table-sums = Sur l’intervalle sélectionné, ou sur ce qui est visible
metrics-table-values = Dans le temps : la dernière valeur de chaque partie, ou la somme d’un comptage
metrics-least = Minimum
metrics-greatest = Maximum
metrics-last = Dernière
metrics-total = Somme
metrics-rate = Par seconde
metrics-problem = Les métriques n’ont pas été chargées : { $problem }

# Durées des spans au fil du temps, en carte.
heat-button = Durées
heat-title = Montrer les durées des spans au fil du temps sur une carte
heat-label = Durées des spans au fil du temps
heat-cells = Carte des durées : les flèches vont de case en case, Entrée ouvre les spans de l’une d’elles
heat-name = Spans dont on montre les durées
heat-of = Durées de
heat-open = Ouvrir
heat-open-cell = Ouvrir { $count ->
    [one] { $count } span
   *[other] les { $count } spans
} de { $low } à { $high } qui ont fini dans les { $time } à partir de { $when }
heat-cell = { $count ->
    [one] { $count } span
   *[other] { $count } spans
} de { $low } à { $high }, finis dans les { $time } à partir de { $when }
heat-none = Aucun span de ce nom n’a fini dans cet intervalle.
heat-scale = Spans par case :
heat-scale-least = { $count } +
heat-table = { $shown ->
    [one] { $shown } case
   *[other] Les { $shown } cases les plus remplies
} sur { $count } des durées de { $name }
heat-begin = De
heat-to = À
heat-count = Spans
heat-keys-walk = Dans la carte des durées : aller de case en case
heat-keys-open = Dans la carte des durées : ouvrir les spans de la case
metrics-keys-range = Sélectionner ce qui est visible ; encore : l’autre bout bouge

# Links
share-button = Partager
share-title = Créer un lien court vers ce qui est affiché
share-frozen = Figer : montrer ce qui est là maintenant, quoi qu’il arrive ensuite
share-expires = S’ouvre
share-always = tant que c’est là
share-days = { $count ->
    [one] pendant { $count } jour
   *[other] pendant { $count } jours
}
share-make = Créer le lien
share-address = Lien
share-notebook = La même chose dans un notebook
share-copy = Copier
share-copied = Copié
share-until = Il s’ouvre jusqu’au { $when }.
share-problem = Aucun lien n’a été créé : { $problem }
link-opening = Ouverture du lien…
link-missing = Ce lien n’existe pas ici.
link-closed = Ce lien n’ouvre plus rien : il a expiré, ou ce qu’il montrait a été effacé.
link-problem = Le lien ne s’est pas ouvert : { $problem }
frozen-label = Figé
frozen-note = Figé : ce qui est arrivé après le { $when } n’est pas affiché.
frozen-gone = { $count ->
    [one] { $count } partie a été effacée ou a expiré depuis.
   *[other] { $count } parties ont été effacées ou ont expiré depuis.
}
frozen-leave = Montrer ce qui est là maintenant

# Statistics of a range
statistics-button = Statistiques
statistics-title = Combien de spans de chaque nom finissent dans cette plage, et leur durée
statistics-close = Fermer
statistics-loading = Comptage des spans…
statistics-none = Aucun span ne finit dans cette plage.
statistics-head = { $spans ->
    [one] { $spans } span finit
   *[other] { $spans } spans finissent
} dans cette plage ; percentiles à 1 % près.
statistics-problem = Les spans n’ont pas pu être comptés : { $problem }
statistics-least = Min
statistics-greatest = Max
statistics-median = p50
statistics-most = p90
statistics-nearly-all = p99
statistics-all-but-few = p99,9
statistics-histogram = Combien ont duré combien de temps : faites glisser sur une partie pour voir ces spans dans le graphique
brush-none = Faites glisser sur une partie pour voir ces spans.
brush-lit = { $name } de { $low } à { $high }
brush-doubt = À mi-hauteur, gris : peut-être ; zoomez.
brush-clear = Ne plus mettre de spans en avant
statistics-bucket = { $count ->
    [one] { $count } span
   *[other] { $count } spans
} de { $low } à { $high }

# Query
title-query = Requête · Legion
nav-query = Requête
query-editor = SQL
query-completions = Suggestions
query-control-character = Caractère de contrôle
query-run = Exécuter
query-run-title = Exécuter la requête (Ctrl + Entrée)
query-cancel = Annuler
query-cancel-title = Annuler la requête (Échap)
query-running = en cours, { $duration }
query-cancelled = Annulée.
query-hint = Écrivez une requête et exécutez-la avec Ctrl + Entrée. Les noms se trouvent dans le schéma.
query-schema = Schéma
query-schema-title = Afficher ou masquer les vues et leurs colonnes
query-schema-search = Chercher des noms ( / )
query-schema-none = Rien ne porte ce nom.
query-schema-problem = Le schéma n’a pas été chargé : { $problem }
query-saved = Requêtes enregistrées
query-saved-by = Enregistrée par { $by } le { $when }
query-views = Vues
query-by-process = par processus
query-needs-process = Une requête doit nommer ses processus : process_id = '…'
query-insert = Insérer { $name }
query-view = Comment le résultat est affiché
query-table = Tableau
query-chart = Graphique
query-raw = Valeurs exactes
query-raw-title = Afficher les nombres et les temps tels quels, sans unités
query-csv = Copier en CSV
query-csv-title = Copier les lignes présentes, en valeurs exactes
query-notebook = Copier la cellule
query-notebook-title = Copier une cellule de notebook qui exécute la même requête
query-all-time = Tout le temps
query-result = Lignes du résultat
query-rows = { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}
query-first-rows = { $count ->
    [one] { $count } première ligne
   *[other] { $count } premières lignes
}
query-no-rows = La requête n’a trouvé aucune ligne.
query-read = { $size } derrière
query-built = { $count ->
    [one] { $count } partition construite en { $duration }
   *[other] { $count } partitions construites en { $duration }
}
query-newest = état du { $when }
query-lost = { $count ->
    [one] Des processus derrière ce résultat, { $count } événement a été abandonné ou n’est jamais arrivé.
   *[other] Des processus derrière ce résultat, { $count } événements ont été abandonnés ou ne sont jamais arrivés.
}
query-problem = La requête a échoué : { $problem }
query-stale = Le SQL a changé depuis ce résultat.
query-long = Ce SQL est trop long pour une adresse : un lien vers cette page, ou son rechargement, ne le rapporte pas.
query-null = null
query-links = Pages
query-in-timeline = Voir dans la chronologie
query-in-process = Afficher le processus
query-cell = La valeur choisie
query-chart-over = Sur
query-chart-kind = En
query-chart-line = Ligne
query-chart-points = Points
query-chart-bars = Barres
query-chart-columns = Colonnes
query-chart-label = Graphique de { $columns } sur { $over } ; le tableau a les mêmes valeurs
query-chart-nothing = Il n’y a pas de nombres à dessiner.
query-chart-left-out = { $count ->
    [one] { $count } ligne n’a pas de valeur sur cet axe et n’est pas dessinée.
   *[other] { $count } lignes n’ont pas de valeur sur cet axe et ne sont pas dessinées.
}
query-chart-first = Sont dessinées les { $count } premières lignes sur { $total }.
query-chart-one = Sur des textes une seule colonne est dessinée : { $column }.
query-keys-run = Exécuter la requête
query-keys-cancel = Annuler la requête, fermer une liste
query-keys-complete = Suggérer des noms
query-keys-indent = Indenter plus ou moins les lignes
query-keys-leave = Quitter l’éditeur
query-keys-search = Chercher dans le schéma
query-keys-cells = Dans le résultat : aller de cellule en cellule, ou d’une page
query-keys-ends = Dans le résultat : première et dernière colonne, première et dernière cellule
query-keys-open = Dans le résultat : voir la ligne dans la chronologie
query-keys-copy = Dans le résultat : copier la valeur exacte
query-keys-zoom = Dans un graphique : zoomer ; un double clic montre tout
press-run = Ctrl + Entrée
press-complete = Ctrl + Espace
press-indent = Ctrl + ]  Ctrl + [
press-leave = Tab
press-cells = ←  ↑  ↓  →  Pg préc  Pg suiv
press-cell-ends = Début  Fin  Ctrl + Début  Ctrl + Fin
press-open = Entrée
press-copy = Ctrl + C

# Process
process-facts = Ce que c’est
process-id = Identifiant
process-cpu = Processeur
process-runtime = Environnement
process-seen = Dernières nouvelles
process-end = Terminé
process-reason = Comment il s’est terminé
process-parent = Lancé par
process-details = Détails
process-details-of = Détails de { $name }
health-title = Santé
health-loading = Examen de ce qui est stocké…
health-problem = Impossible de savoir ce qui manque : { $problem }
health-lost = { $count ->
    [0] Aucun événement n’a été abandonné ni ne manque.
    [one] { $count } événement a été abandonné ou n’est jamais arrivé.
   *[other] { $count } événements ont été abandonnés ou ne sont jamais arrivés.
}
health-left-out = { $count ->
    [one] { $count } événement a été écarté exprès, ou effacé.
   *[other] { $count } événements ont été écartés exprès, ou effacés.
}
health-clock-steady = L’horloge est régulière.
health-clock-changes = Le rythme de l’horloge a changé : les temps alentour peuvent être décalés.
health-whole = Tout ce qui a été envoyé est lisible.
health-single = Un par un, les pires d’abord
health-kind = Quoi
health-severity = Gravité
health-count = Combien de fois
health-events = Événements
health-bytes = Taille
health-from = De
health-until = À
health-stream = Flux
health-detail = Détail
problem-damaged = bloc endommagé
problem-lost = blocs manquants
problem-gap = événements abandonnés
problem-clock = horloge
problem-attachment = pièce jointe
gap-memory = sa mémoire était pleine
gap-spool = sa file d’attente était pleine
gap-sampled = écartés exprès
gap-damaged = endommagés avant l’envoi
gap-refused = refusés par le serveur
gap-erased = effacés
severity-info = info
severity-warn = avertissement
severity-error = erreur
class-trace = spans
class-metric = métriques
class-log = journaux
class-other = autre
streams-title = Flux
streams-none = Ce processus n’a pas de flux.
streams-total = { $streams ->
    [one] { $streams } flux
   *[other] { $streams } flux
}, { $events } événements en { $blocks } blocs, { $size } stockés
streams-name = Nom
streams-class = Genre
streams-thread = Thread
streams-blocks = Blocs
streams-raw = Décompressé
streams-first = Premier événement
streams-last = Dernier événement
files-title = Pièces jointes
files-none = Ce processus n’a joint aucun fichier.
files-problem = Les pièces jointes n’ont pas été chargées : { $problem }
files-first = Les { $count } premières sur { $total }
files-name = Nom
files-type = Type
files-time = Heure
files-state = État
files-complete = complète
files-incomplete = incomplète
children-title = Processus qu’il a lancés

# Reports
nav-reports = Rapports
title-reports = Rapports · Legion
title-report = { $title } · Legion
reports-search = Chercher par titre ou auteur
reports-count = { $count ->
    [0] aucun rapport
    [one] { $count } rapport
   *[other] { $count } rapports
}
reports-none = Personne n’a encore publié de rapport. Un notebook le devient par
reports-publish = legion report publish notebook.ipynb
reports-none-found = Aucun rapport n’a cela dans son titre ou son auteur.
reports-more = Seuls les { $shown } plus récents sont affichés : cherchez les autres.
reports-problem = Les rapports n’ont pas pu être chargés : { $problem }
report-title = Titre
report-by = Auteur
report-created = Publié
report-expires = S’ouvre jusqu’au
report-size = Taille
report-untitled = (sans titre)
report-remove = Supprimer
report-remove-of = Supprimer { $title }
report-remove-question = Supprimer ce rapport pour de bon ?
report-keep = Le garder
report-removed = Le rapport a été supprimé.
report-not-removed = Le rapport n’a pas été supprimé : { $problem }
report-opening = Ouverture du rapport…
report-missing = Ce rapport n’existe pas ici.
report-closed = Ce rapport ne s’ouvre plus : il a été supprimé, a expiré, ou ce qu’il montrait a été effacé.
report-problem = Le rapport ne s’est pas ouvert : { $problem }
report-back = ← Rapports
report-until = s’ouvre jusqu’au { $when }
report-copy = Copier le lien
report-copied = Copié
report-not-copied = Pas copié : le navigateur ne le permet pas
report-alone = L’ouvrir seul
report-alone-title = Dans un onglet à part, où l’on peut suivre les liens du rapport
report-links = Les liens d’un rapport ne s’ouvrent que là où il est ouvert seul.
report-frame = Rapport : { $title }
