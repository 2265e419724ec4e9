# Ko cilvēkiem saka paziņojumi un vēstules. Tās pašas atslēgas kā angliski; vārdi rakstīti tā, lai tie nebūtu jāloka.

askedFor =
    .subject = Jums pieprasītas tiesības: { $entitlement }
    .text = { $requester } pieprasa Jums tiesības „{ $entitlement }” lietotnē „{ $application }” (pieprasījums { $number }).

decisionWanted =
    .subject = Vajadzīgs Jūsu lēmums: { $entitlement }
    .text =
        Pieprasījums { $number } gaida Jūsu lēmumu: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pieprasītājs: { $requester }.
        Ja neviens neizlems līdz { $at }, pieprasījuma termiņš beigsies.

decisionDue =
    .subject = Atgādinājums, vajadzīgs Jūsu lēmums: { $entitlement }
    .text =
        Pieprasījums { $number } vēl gaida Jūsu lēmumu: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pieprasītājs: { $requester }.
        Ja neviens neizlems līdz { $at }, pieprasījuma termiņš beigsies.

escalated =
    .subject = Lēmums kavējas un tagad gaida arī Jūs: { $entitlement }
    .text =
        Par pieprasījumu { $number } laikā neviens nav izlēmis, tādēļ tagad varat izlemt arī Jūs: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pieprasītājs: { $requester }.
        Ja neviens neizlems līdz { $at }, pieprasījuma termiņš beigsies.

reassigned =
    .subject = Lēmums nodots citam: { $entitlement }
    .text =
        Lēmums par pieprasījumu { $number } ir nodots no viena lēmēja citam: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pieprasītājs: { $requester }. Kam tagad jālemj, redzams pieprasījumā.

forInformation =
    .subject = Jūsu zināšanai: { $entitlement }
    .text =
        Pieprasījums { $number }: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pieprasītājs: { $requester }. Jums nekas nav jādara.

questionAsked =
    .subject = Jautājums par pieprasījumu { $number }
    .text =
        Pirms lēmuma par tiesībām „{ $entitlement }” lietotnē „{ $application }” Jums ir uzdots jautājums.
        Ja atbildes nebūs līdz { $at }, pieprasījuma termiņš beigsies.

questionAnswered =
    .subject = Atbilde uz jautājumu par pieprasījumu { $number }
    .text =
        Uz jautājumu par tiesībām „{ $entitlement }” lietotnē „{ $application }” ir atbildēts, un pieprasījums { $number } atkal gaida Jūsu lēmumu.
        Kam: { $subject }. Pieprasītājs: { $requester }.

scheduled =
    .subject = Pieprasījums apstiprināts: { $entitlement }
    .text =
        Pieprasījums { $number } ir apstiprināts. Tiesības „{ $entitlement }” lietotnē „{ $application }” būs spēkā no { $at }.
        Kam: { $subject }.

fulfilled =
    .subject = Pieprasījums izpildīts: { $entitlement }
    .text =
        Pieprasījums { $number } ir izpildīts: { $reason ->
            [revoke] tiesības ir noņemtas
            [extend] tiesību termiņš ir pagarināts
           *[other] tiesības ir spēkā
        } – „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }.

rejected =
    .subject = Pieprasījums noraidīts: { $entitlement }
    .text =
        Pieprasījums { $number } ir noraidīts: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Iemesls: { $reason ->
            [conflict] tās nav savienojamas ar citām tiesībām
            [noApprover] nav neviena, kas varētu izlemt
           *[other] lēmējs to nav saskaņojis; paskaidrojums redzams pieprasījumā
        }.

withdrawn =
    .subject = Pieprasījums atsaukts: { $entitlement }
    .text =
        Pieprasījums { $number } ir atsaukts: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }.

expired =
    .subject = Pieprasījuma termiņš beidzies: { $entitlement }
    .text =
        Par pieprasījumu { $number } laikā neviens nav izlēmis vai atbildējis, un tā termiņš ir beidzies: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Ja tiesības joprojām vajadzīgas, pieprasiet tās vēlreiz.

cancelled =
    .subject = Pieprasījums atcelts: { $entitlement }
    .text =
        Pieprasījums { $number } ir atcelts: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Iemesls: { $reason ->
            [subjectLeft] persona ir aizgājusi
            [retired] tiesības vairs netiek lietotas
            [grantEnded] tiesības, uz kurām tas attiecās, ir beigušās
           *[other] sākuma brīdī tās nevarēja piešķirt
        }.

noApprover =
    .subject = Nav, kas izlemj: { $entitlement }
    .text =
        Par pieprasījumu { $number } nav neviena, kas varētu izlemt, un tas ir noraidīts: tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kam: { $subject }. Pārbaudiet saskaņošanas kārtību.

endsSoon =
    .subject = Drīz beigsies tiesības: { $entitlement }
    .text =
        Tiesības „{ $entitlement }” lietotnē „{ $application }” beigsies { $at }: { $days ->
            [zero] atlikušas { $days } dienas
            [one] atlikusi { $days } diena
           *[other] atlikušas { $days } dienas
        }.
        Kam: { $subject }. Ja tās vēl vajadzīgas, lūdziet pagarinājumu.

ended =
    .subject = Tiesības beigušās: { $entitlement }
    .text =
        Tiesības „{ $entitlement }” lietotnē „{ $application }” ir beigušās { $at }.
        Kam: { $subject }. Iemesls: { $reason ->
            [expired] beidzies to termiņš
            [emergencyOver] beidzies ārkārtas piekļuves laiks
            [administrator] tās noņēma administrators
            [manager] tās noņēma vadītājs
            [owner] tās noņēma lietotnes īpašnieks
            [givenBack] no tām atteicās
            [request] tās noņēma pēc pieprasījuma
            [review] tās noņēma tiesību pārskatīšanā
            [conflict] tās nebija savienojamas ar citām tiesībām
            [leaver] persona ir aizgājusi
            [retired] tiesības vairs netiek lietotas
           *[other] tās noņēma personāla vai identitātes sistēma
        }.

emergencyOpened =
    .subject = Ārkārtas piekļuve: { $entitlement }
    .text =
        Ārkārtas situācijā paņemtas tiesības „{ $entitlement }” lietotnē „{ $application }”.
        Kas: { $subject }. Tās izmantošana ir jāizvērtē.

emergencyDue =
    .subject = Nav izvērtēta ārkārtas piekļuve: { $entitlement }
    .text =
        Laikā nav izvērtēta ārkārtas piekļuve ar tiesībām „{ $entitlement }” lietotnē „{ $application }”.
        Kas: { $subject }.

emergencyReviewed =
    .subject = Ārkārtas piekļuve izvērtēta: { $entitlement }
    .text = Jūsu ārkārtas piekļuve ar tiesībām „{ $entitlement }” lietotnē „{ $application }” ir izvērtēta.

reviewWanted =
    .subject = Jāpārskata tiesības
    .text =
        Jums jāpārskata tiesības, kas ir citiem.{ $at ->
            [none] {""}
           *[other] {" "}Termiņš: { $at }.
        }

reviewDue =
    .subject = Atgādinājums, jāpārskata tiesības
    .text =
        Tiesību pārskatīšana vēl nav pabeigta.{ $at ->
            [none] {""}
           *[other] {" "}Termiņš: { $at }.
        }

conflictFound =
    .subject = Konstatētas nesavienojamas tiesības
    .text =
        Konstatētas tiesības, kuras nedrīkst būt vienam cilvēkam. Kam: { $subject }. Noteikums: „{ $rule }”.

exceptionEnds =
    .subject = Beidzies nesavienojamu tiesību izņēmums
    .text =
        Izņēmums nesavienojamām tiesībām vairs nav spēkā. Kam: { $subject }. Noteikums: „{ $rule }”.

leavesSoon =
    .subject = Drīz beigsies darba attiecības: { $subject }
    .text =
        Pēdējās darba attiecības beigsies { $at }: { $days ->
            [zero] atlikušas { $days } dienas
            [one] atlikusi { $days } diena
           *[other] atlikušas { $days } dienas
        }.
        Kam: { $subject }. Līdz ar tām beigsies arī tiesības. Ja darbs turpinās, tas jāieraksta personāla daļai.

suspended =
    .subject = Piekļuve apturēta: { $subject }
    .text =
        Darbiniekam ir apturēta piekļuve.{ $at ->
            [none] {""}
           *[other] {" "}Līdz: { $at }.
        }
        Kam: { $subject }. Viņa vietā tagad lemj citi.

returned =
    .subject = Piekļuve atjaunota: { $subject }
    .text =
        Piekļuve vairs nav apturēta, un tiesības, kas vēl ir spēkā, ir atjaunotas.
        Kam: { $subject }.

answersFor =
    .subject = Jūs atbildat par lietotni: { $application }
    .text =
        Turpmāk Jūs atbildat par lietotni „{ $application }” un lemjat par tās tiesību pieprasījumiem, jo līdzšinējā atbildīgā vairs nav.
        Kas atbildēja: { $subject }.

# Kas stāv vārda vietā, ja tā vairs nav.
gone-entitlement = tiesības, kuru vairs nav
gone-application = lietotne, kuras vairs nav
gone-person = persona, kuras vairs nav
gone-request = bez numura
gone-rule = noteikums, kura vairs nav

# Vēstules beigas.
deputy = Jūs saņemat šo ziņu, jo aizvietojat: { $name }.
automatic = Šī vēstule nosūtīta automātiski; uz to nav jāatbild.
