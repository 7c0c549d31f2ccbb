"""Towns that stand for their country: capitals, and cities, regions and fronts of the news.

One code a line, names by semicolons; two codes before a colon count for both.

Names that the news gives to countries beside their own: one code a line, names by semicolons.

PEOPLES   demonyms, singular and plural where the plural is not the singular with an s
SEATS     buildings and institutions that stand for a government
ALIASES   other names and abbreviations of the country itself
NOWHERE   runs of words that hold the name of a place and do not speak of it

Two codes before a colon count for both. A plural in s is understood of every demonym.
"""

from __future__ import annotations

PEOPLES = """
AD:Andorran
AE:Emirati
AF:Afghan
AL:Albanian
AM:Armenian
AO:Angolan
AR:Argentine;Argentinian
AT:Austrian
AU:Australian
AZ:Azerbaijani;Azeri
BA:Bosnian;Bosniak
BB:Barbadian
BD:Bangladeshi
BE:Belgian
BF:Burkinabe
BG:Bulgarian
BH:Bahraini
BI:Burundian
BJ:Beninese
BN:Bruneian
BO:Bolivian
BR:Brazilian
BS:Bahamian
BT:Bhutanese
BW:Botswanan
BY:Belarusian;Belarussian
BZ:Belizean
CA:Canadian;Quebecer
CD:Congolese
CH:Swiss
CI:Ivorian
CL:Chilean
CM:Cameroonian
CN:Chinese;Tibetan
CO:Colombian
CR:Costa Rican
CU:Cuban
CV:Cape Verdean
CY:Cypriot;Greek Cypriot;Turkish Cypriot
CZ:Czech
DE:German
DJ:Djiboutian
DK:Danish;Danes
DO:Dominican
DZ:Algerian
EC:Ecuadorian;Ecuadorean
EE:Estonian
EG:Egyptian
EH:Sahrawi
ER:Eritrean
ES:Spanish;Spaniard;Catalan;Basque
ET:Ethiopian;Tigrayan
FI:Finnish;Finns
FJ:Fijian
FR:French;Frenchman;Corsican
GA:Gabonese
GB:British;Briton;Brits;Scottish;Welsh;Northern Irish
GE:Georgian;Abkhaz;Abkhazian;South Ossetian
GH:Ghanaian
GL:Greenlander;Greenlandic
GM:Gambian
GN:Guinean
GQ:Equatorial Guinean;Equatoguinean
GR:Greek
GT:Guatemalan
GY:Guyanese
HK:Hong Konger;Hongkonger
HN:Honduran
HR:Croatian;Croat
HT:Haitian
HU:Hungarian
ID:Indonesian
IE:Irish;Irishman
IL:Israeli
IN:Indian;Kashmiri
IQ:Iraqi
IR:Iranian
IS:Icelandic;Icelander
IT:Italian
JM:Jamaican
JO:Jordanian
JP:Japanese
KE:Kenyan
KG:Kyrgyz
KH:Cambodian
KM:Comorian
KP:North Korean
KR:South Korean;Korean
KW:Kuwaiti
KZ:Kazakh;Kazakhstani
LA:Laotian
LB:Lebanese
LI:Liechtensteiner
LK:Sri Lankan
LR:Liberian
LS:Basotho
LT:Lithuanian
LU:Luxembourger
LV:Latvian
LY:Libyan
MA:Moroccan
MC:Monegasque
MD:Moldovan
ME:Montenegrin
MG:Malagasy
MK:Macedonian;North Macedonian
ML:Malian
MM:Burmese
MN:Mongolian
MR:Mauritanian
MT:Maltese
MU:Mauritian
MV:Maldivian
MW:Malawian
MX:Mexican
MY:Malaysian
MZ:Mozambican
NA:Namibian
NE:Nigerien
NG:Nigerian
NI:Nicaraguan
NL:Dutch;Dutchman
NO:Norwegian
NP:Nepali;Nepalese
NZ:New Zealander
OM:Omani
PA:Panamanian
PE:Peruvian
PG:Papua New Guinean
PH:Filipino;Philippine
PK:Pakistani
PL:Polish;Poles
PR:Puerto Rican
PS:Palestinian;Gazan
PT:Portuguese
PY:Paraguayan
QA:Qatari
RO:Romanian
RS:Serbian;Serb
RU:Russian;Chechen
RW:Rwandan
SA:Saudi;Saudi Arabian
SB:Solomon Islander
SC:Seychellois
SD:Sudanese
SE:Swedish;Swede
SG:Singaporean
SI:Slovenian;Slovene
SK:Slovak;Slovakian
SL:Sierra Leonean
SN:Senegalese
SO:Somali;Somalian
SR:Surinamese
SS:South Sudanese
SV:Salvadoran;Salvadorean
SY:Syrian
TD:Chadian
TG:Togolese
TH:Thai
TJ:Tajik
TL:Timorese;East Timorese
TM:Turkmen
TN:Tunisian
TO:Tongan
TR:Turkish;Turk
TT:Trinidadian
TW:Taiwanese
TZ:Tanzanian
UA:Ukrainian;Crimean
UG:Ugandan
US:American;Texan;Californian
UY:Uruguayan
UZ:Uzbek;Uzbekistani
VE:Venezuelan
VN:Vietnamese
WS:Samoan
XK:Kosovar;Kosovan
YE:Yemeni;Houthi
ZA:South African
ZM:Zambian
ZW:Zimbabwean
"""

SEATS = """
CN:Zhongnanhai
DE:Bundestag;Bundesrat;Bundeswehr
ES:La Moncloa;Moncloa
EU:European Commission;European Council;European Parliament;Berlaymont;EEAS
FR:Elysee;Elysee Palace;Quai d'Orsay;Matignon
GB:Downing Street;Whitehall;Westminster;Buckingham Palace;Foreign Office;House of Commons
IL:Knesset
IT:Palazzo Chigi;Quirinale;Farnesina
KR:Blue House
RU:Kremlin;State Duma;Duma
TR:Bestepe
UA:Verkhovna Rada
US:White House;Pentagon;Capitol Hill;State Department;Oval Office;Foggy Bottom
VA:Holy See
"""

ALIASES = """
AE:Emirates;UAE;U.A.E.
AG:Antigua
BA:Bosnia;Bosnia and Herzegovina;Bosnia-Herzegovina
BN:Brunei Darussalam
BO:Plurinational State of Bolivia
CD:DRC;DR Congo;D.R. Congo;Congo;Democratic Republic of Congo;Democratic Republic of the Congo;\
Congo-Kinshasa;Zaire
CF:CAR
CG:Republic of Congo;Republic of the Congo;Congo Republic;Congo-Brazzaville;Congo Brazzaville
CI:Ivory Coast;Cote d'Ivoire
CN:PRC;People's Republic of China;Mainland China
CV:Cabo Verde
CZ:Czech Republic
DO:Dominican Republic
EU:EU;E.U.;European Union
GB:UK;U.K.;Britain;Great Britain
GM:The Gambia
HK:Hong Kong
IE:Republic of Ireland;Irish Republic
IR:Islamic Republic of Iran
KN:St Kitts and Nevis;Saint Kitts and Nevis
KP:DPRK;Democratic People's Republic of Korea
KR:Korea;Republic of Korea;ROK
KG:Kirghizia;Kyrgyz Republic
LA:Lao People's Democratic Republic
LC:St Lucia;Saint Lucia
MD:Republic of Moldova
MK:Macedonia;FYROM
MM:Burma;Myanmar
MO:Macau;Macao
NL:Holland
PG:PNG
PS:Palestine;State of Palestine;Palestinian Authority
RU:Russian Federation
SA:KSA
SH:Saint Helena
SN:Senegal
ST:Sao Tome and Principe;Sao Tome
SY:Syrian Arab Republic
SZ:Swaziland
TL:East Timor
TR:Turkey
TT:Trinidad and Tobago;Trinidad
TW:Republic of China
TZ:United Republic of Tanzania
US:US;U.S.;USA;U.S.A.;United States of America;America
VA:Vatican
VC:St Vincent and the Grenadines;Saint Vincent and the Grenadines
VN:Viet Nam
"""

NOWHERE = """
Paris Agreement;Paris Accord;Paris Accords;Paris Hilton;Paris Saint-Germain;Paris Club
Geneva Convention;Geneva Conventions;Vienna Convention;Vienna Conventions;Kyoto Protocol
Montreal Protocol;Rome Statute;Treaty of Rome;Oslo Accords;Minsk Group;Minsk agreements
Minsk Agreements;Warsaw Pact;Berlin Wall;Treaty of Lisbon;Lisbon Treaty;Treaty of Versailles
Stockholm syndrome;Beirut-born;Bretton Woods;Panama Papers;Washington Consensus;Dublin Regulation
South China Sea;East China Sea;Sea of Japan;Gulf of Mexico;Gulf of Oman;Gulf of Aden;Gulf of Guinea
Indian Ocean;Indian Wells;American Indian;American Indians;West Indian;West Indies;Lake Chad
Norwegian Sea;Irish Sea;English Channel;Niger River;River Niger;Jordan River;River Jordan
Jordan Valley;New Guinea;Guinea pig;Guinea pigs;Guinea Pig;Guinea worm
Latin America;Latin American;Latin Americans;North America;North American;North Americans
South America;South American;South Americans;Central America;Central American;Central Americans
Organization of American States;Organisation of American States;Inter-American;Pan-American
African American;African Americans;Native American;Native Americans
Islamic State of Iraq and Syria;Islamic State in Iraq and Syria;Islamic State of Iraq and the Levant
Russian roulette;French fries;Brazil nut;Brazil nuts;Turkey trot;Dutch oven;Cuba Gooding
Bank of America;Captain America;Miss America;American Express;American Airlines
Prince of Wales;Princess of Wales;Duke of Edinburgh;Duchess of Edinburgh;New England;New Britain
Patricia Scotland;Baroness Scotland;Jimmy Wales;Israel Katz;Israel Meir;Israel Ganz
Israel Kamakawiwo'ole;Jack London;London Breed
Denzel Washington;Booker T. Washington;Air Jordan;Isaiah Berlin
Nice Guy;Nice Guys;Philadelphia cream;Boston Dynamics;Manchester United;Manchester City
Iran-Contra;Malta fever;Spanish flu;German measles;Swiss cheese;Lima bean;Lima beans
"""

ALSO_GIVEN = frozenset(
    """
    Jordan Chad Georgia Sofia Victoria Santiago Sydney Vienna Kenya Florence Milan Montana Indiana
    """.split()
)
"""Places that are also given names: what follows decides."""

ALSO_SURNAMES = frozenset(
    """
    Jordan Chad Georgia Paris London Berlin Holland Washington Scotland Wales England Ireland
    Houston Boston Wellington Salisbury Melbourne Cairo Medina Colombo Lima Aden Gao Israel Malta
    India French Montenegro Santiago Montana Brazil Britain America Germany Poland Texas Durban
    """.split()
)
"""Places that are also surnames: what stands before decides."""

PAPERS = frozenset(
    """
    Post Times Tribune Herald Daily Gazette Observer Globe Chronicle Inquirer Star Telegraph
    Independent Examiner Mail Standard Journal Mirror Sun
    """.split()
)
"""Words after the name of a place that make it the name of a newspaper."""

STATE_NOUNS = frozenset(
    """
    Prime Minister Foreign President King Queen Crown Prince Princess Government Parliament Army
    Defense Defence Embassy Ambassador Police Central Bank National Supreme Court Air Armed
    Forces Valley River Airport University Conference Summit Olympics Agreement Accords
    Initiative Times Interior Finance Ministry Group Talks Peace City Stock Exchange Club
    Security Bureau North South East West Monday Tuesday Wednesday Thursday Friday Saturday
    Sunday January February March April May June July August September October November December
    Declaration Fashion Gov Governor Sen Senator Rep Secretary Tech Republicans Democrats
    Directive Treaty Protocol Process Mayor Metropolitan Underground Heathrow And In On At For
    """.split()
)
"""Words after a place that leave it one: "Jordan Armed Forces", not "Jordan Peterson"."""

TOWNS = """
AE:Abu Dhabi;Dubai;Sharjah
AF:Kabul;Kandahar;Herat;Mazar-i-Sharif;Jalalabad;Kunduz;Helmand;Bagram
AL:Tirana
AM:Yerevan;Gyumri
AO:Luanda;Cabinda
AR:Buenos Aires
AT:Vienna
AU:Canberra;Sydney;Melbourne;Brisbane;New South Wales;Queensland
AZ:Baku;Nagorno-Karabakh;Nagorno Karabakh;Stepanakert;Nakhchivan
BA:Sarajevo;Banja Luka;Srebrenica;Republika Srpska
BD:Dhaka;Chittagong;Cox's Bazar
BE:Antwerp
BF:Ouagadougou
BG:Sofia
BH:Manama
BI:Bujumbura;Gitega
BJ:Cotonou;Porto-Novo
BO:La Paz
BR:Brasilia;Rio de Janeiro;Sao Paulo
BT:Thimphu
BW:Gaborone
BY:Minsk
CA:Ottawa;Toronto;Montreal;Vancouver;Quebec;Ontario;Alberta;British Columbia
CD:Kinshasa;Goma;Bukavu;Beni;Lubumbashi;Kivu;North Kivu;South Kivu;Ituri
CF:Bangui
CG:Brazzaville;Pointe-Noire
CH:Geneva;Bern;Berne;Zurich;Davos;Lausanne;Basel
CI:Abidjan;Yamoussoukro
CL:Santiago
CM:Yaounde;Douala
CN:Beijing;Shanghai;Wuhan;Xinjiang;Tibet;Lhasa;Guangdong;Shenzhen;Guangzhou;Urumqi;Sichuan
CO:Bogota;Medellin;Cali;Cucuta
CU:Havana;Guantanamo
CY:Nicosia;Northern Cyprus
CZ:Prague
DE:Berlin;Munich;Frankfurt;Hamburg;Bonn;Cologne;Bavaria;Ramstein
DK:Copenhagen
DO:Santo Domingo
DZ:Algiers;Oran;Tindouf
EC:Quito;Guayaquil
EE:Tallinn
EG:Cairo;Alexandria;Sharm el-Sheikh;Sinai;Suez;Rafah crossing
EH:Laayoune
ER:Asmara
ES:Madrid;Barcelona;Catalonia;Seville;Basque Country
ET:Addis Ababa;Tigray;Mekelle;Amhara;Oromia
EU:Brussels
FI:Helsinki
FR:Paris;Strasbourg;Marseille;Lyon;Nice;Calais;Corsica
GA:Libreville
GB:London;Edinburgh;Glasgow;Belfast;Cardiff;Manchester;Birmingham;Salisbury;Scotland;Wales;\
England;Northern Ireland
GE:Tbilisi;Batumi;Abkhazia;South Ossetia;Sukhumi;Tskhinvali
GH:Accra
GM:Banjul
GN:Conakry
GQ:Malabo
GR:Athens;Thessaloniki;Crete;Lesbos
GT:Guatemala City
GW:Bissau
HN:Tegucigalpa
HR:Zagreb
HT:Port-au-Prince
HU:Budapest
ID:Jakarta;Bali;Aceh;Papua;West Papua
IE:Dublin
IL:Jerusalem;Tel Aviv;Haifa;Eilat;Ashkelon;Sderot;Negev
IN:New Delhi;Delhi;Mumbai;Kolkata;Srinagar;Gujarat;Punjab;Ladakh;Manipur;Assam
IN PK:Kashmir
IQ:Baghdad;Mosul;Basra;Erbil;Kirkuk;Fallujah;Ramadi;Tikrit;Najaf;Sulaymaniyah;Sinjar;\
Iraqi Kurdistan
IR:Tehran;Isfahan;Natanz;Fordow;Bandar Abbas;Mashhad;Tabriz;Qom
IS:Reykjavik
IT:Rome;Milan;Naples;Sicily;Lampedusa;Venice;Turin
JM:Kingston, Jamaica
JO:Amman;Zaatari;Aqaba
JP:Tokyo;Hiroshima;Nagasaki;Okinawa;Osaka;Fukushima
KE:Nairobi;Mombasa;Garissa;Dadaab
KG:Bishkek;Osh
KH:Phnom Penh
KP:Pyongyang;Yongbyon
KP KR:Korean Peninsula;Panmunjom
KR:Seoul;Busan;Incheon
KZ:Astana;Nur-Sultan;Almaty
LA:Vientiane
LB:Beirut;Sidon;Bekaa
LK:Colombo;Jaffna
LR:Monrovia
LT:Vilnius
LV:Riga
LY:Tripoli;Benghazi;Misrata;Sirte;Tobruk;Derna;Sabha;Fezzan;Cyrenaica;Tripolitania;Zawiya
MA:Rabat;Casablanca;Marrakesh;Marrakech;Tangier
MD:Chisinau;Transnistria;Tiraspol;Gagauzia
ME:Podgorica
MG:Antananarivo
MK:Skopje
ML:Bamako;Timbuktu;Gao;Kidal;Mopti;Menaka
MM:Naypyidaw;Naypyitaw;Yangon;Rangoon;Mandalay;Rakhine
MN:Ulaanbaatar;Ulan Bator
MR:Nouakchott
MT:Valletta
MV:Male, Maldives
MX:Mexico City;Tijuana;Ciudad Juarez;Guadalajara
MY:Kuala Lumpur;Putrajaya
MZ:Maputo;Cabo Delgado;Palma, Mozambique
NA:Windhoek
NE:Niamey;Diffa;Agadez;Tillaberi
NG:Abuja;Lagos;Maiduguri;Borno;Kano;Kaduna;Niger Delta;Niger State;Benin City;Chibok
NI:Managua
NL:The Hague;Amsterdam;Rotterdam
NO:Oslo;Svalbard
NP:Kathmandu
NZ:Wellington;Auckland;Christchurch
OM:Muscat;Salalah
PA:Panama City
PE:Lima
PG:Port Moresby;Bougainville
PH:Manila;Mindanao;Marawi;Luzon
PK:Islamabad;Karachi;Lahore;Peshawar;Quetta;Balochistan;Rawalpindi;Khyber Pakhtunkhwa;Waziristan
PL:Warsaw;Krakow;Gdansk
PS:Gaza;Gaza City;Gaza Strip;West Bank;East Jerusalem;Ramallah;Rafah;Khan Younis;Jenin;Nablus;\
Hebron;Bethlehem
PT:Lisbon;Porto
PY:Asuncion
QA:Doha
RO:Bucharest
RS:Belgrade;Novi Sad
RU:Moscow;St Petersburg;St. Petersburg;Saint Petersburg;Vladivostok;Grozny;Chechnya;Kaliningrad;\
Kursk;Belgorod;Sochi;Dagestan;Ingushetia;Siberia;Rostov
RW:Kigali
SA:Riyadh;Jeddah;Mecca;Medina;Dhahran;Abqaiq;Neom
SB:Honiara
SD:Khartoum;Darfur;Omdurman;Port Sudan;El Fasher;El Geneina;Kordofan;Blue Nile
SE:Stockholm;Gothenburg;Malmo
SI:Ljubljana
SK:Bratislava
SL:Freetown
SN:Dakar;Casamance
SO:Mogadishu;Kismayo;Hargeisa;Somaliland;Puntland;Jubaland
SS:Juba;Malakal;Abyei;Bentiu
SY:Damascus;Aleppo;Idlib;Homs;Hama;Raqqa;Daraa;Deraa;Latakia;Deir ez-Zor;Deir al-Zor;Kobani;\
Afrin;Palmyra;Ghouta;Eastern Ghouta;Golan;Golan Heights;Manbij;Hasakah;Douma
TD:N'Djamena;Ndjamena
TG:Lome
TH:Bangkok;Phuket;Chiang Mai;Pattani
TJ:Dushanbe
TL:Dili
TM:Ashgabat
TN:Tunis;Sousse;Sfax;Kasserine
TR:Ankara;Istanbul;Izmir;Diyarbakir;Incirlik;Antalya
TT:Port of Spain
TW:Taipei;Taiwan Strait;Kinmen
TZ:Dar es Salaam;Dodoma;Zanzibar;Arusha
UA:Kyiv;Kiev;Odesa;Odessa;Kharkiv;Kharkov;Lviv;Mariupol;Donetsk;Luhansk;Lugansk;Donbas;Donbass;\
Crimea;Sevastopol;Kherson;Zaporizhzhia;Zaporizhia;Bakhmut;Avdiivka;Dnipro;Mykolaiv;Bucha;Irpin;\
Severodonetsk;Chernobyl;Pokrovsk;Simferopol
UG:Kampala;Entebbe
US:Washington;Washington, D.C.;Washington, DC;Washington DC;D.C.;New York;New York City;\
Los Angeles;\
San Francisco;Chicago;Boston;Houston;Atlanta;Seattle;Philadelphia;Las Vegas;New Orleans;Detroit;\
Guantanamo Bay;Camp David;Mar-a-Lago;Alabama;Alaska;Arizona;Arkansas;California;Colorado;\
Connecticut;Florida;Hawaii;Idaho;Illinois;Indiana;Iowa;Kansas;Kentucky;Louisiana;Maryland;\
Massachusetts;Michigan;Minnesota;Mississippi;Missouri;Montana;Nebraska;Nevada;New Hampshire;\
New Jersey;New Mexico;North Carolina;South Carolina;North Dakota;South Dakota;Ohio;Oklahoma;\
Oregon;Pennsylvania;Rhode Island;Tennessee;Texas;Utah;Vermont;West Virginia;Wisconsin;Wyoming
UY:Montevideo
UZ:Tashkent;Samarkand;Fergana
VE:Caracas;Maracaibo
VN:Hanoi;Ho Chi Minh City
XK:Pristina;Prishtina;Mitrovica
YE:Sanaa;Sana'a;Aden;Hodeidah;Hudaydah;Hodeida;Taiz;Marib;Hadramawt;Socotra;Mukalla
ZA:Pretoria;Johannesburg;Cape Town;Durban
ZM:Lusaka
ZW:Harare;Bulawayo
"""
