"""Towns that stand for their country: capitals, and cities, regions and fronts of the news.

One code a line, names by semicolons; two codes before a colon count for both.
"""

from __future__ import annotations

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
